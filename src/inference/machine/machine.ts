import { availableParallelism } from 'node:os';
import systeminformation from 'systeminformation';
import { containerLimits } from './control-group.js';
import { graphicsCards, type GraphicsCard } from './graphics-cards.js';

/** What this process may use of the machine that it runs on. */
export interface Machine {
  /** Memory that programs can have now, without anything being swapped out. Bytes. */
  readonly memory: number;
  /** Cores that compute at the same time; two threads of one core count once. At least 1. */
  readonly cores: number;
  readonly graphicsCards: readonly GraphicsCard[];
}

/** Takes some tenths of a second: other programs are asked about graphics cards. */
export async function inspectMachine(): Promise<Machine> {
  const [{ available }, { physicalCores }, limits, cards] = await Promise.all([
    systeminformation.mem(),
    systeminformation.cpu(),
    containerLimits(),
    graphicsCards(),
  ]);
  const cores = Math.min(
    physicalCores || Infinity,
    availableParallelism(),
    Math.floor(limits.cores ?? Infinity),
  );
  return {
    memory: Math.min(available, limits.memory ?? Infinity),
    cores: Math.max(1, cores),
    graphicsCards: cards,
  };
}
