import { execFile } from 'node:child_process';
import systeminformation from 'systeminformation';

/** A graphics card that may compute: one of a maker whose cards the WebGPU provider is made for. */
export interface GraphicsCard {
  readonly name: string;
  /** What is free of its own memory, in bytes; undefined where the system does not tell, or there is none. */
  readonly memory: number | undefined;
  /** True where it computes in the processor's memory, and so reads weights no faster than that. */
  readonly integrated: boolean;
}

const MEBIBYTE = 2 ** 20;
/** The rest are screens without a processor of their own, as servers and virtual machines have them. */
const MAKERS = /\b(?:nvidia|amd|ati|advanced micro devices|intel|apple|qualcomm)\b/i;
const INTEGRATED = /\bintel\b(?!.*\barc\b)|\bqualcomm\b|\bradeon(?:\(tm\))? (?:vega \d+ )?graphics\b/i;

/** Whether a card computes in the processor's memory: then a model must fit there. Apple's do, however fast that is. */
export function sharesMemory({ name, integrated }: GraphicsCard): boolean {
  return integrated || /\bapple\b/i.test(name);
}

/** The best first. On Linux the program `lspci` must be there, and for the memory of NVIDIA's cards `nvidia-smi`. */
export async function graphicsCards(): Promise<GraphicsCard[]> {
  const { controllers } = await systeminformation.graphics();
  return cardsAmong(controllers);
}

/** Whether what `graphicsCards` needs to find any is there. */
export async function canListGraphicsCards(): Promise<boolean> {
  return (
    process.platform !== 'linux' ||
    new Promise((resolve) => {
      execFile('lspci', ['--version'], (error) => {
        resolve(error === null);
      });
    })
  );
}

/** What is said of one card; `memoryFree` in mebibytes, and for NVIDIA's cards only. */
export type Controller = Partial<
  Pick<
    systeminformation.Systeminformation.GraphicsControllerData,
    'vendor' | 'model' | 'name' | 'vramDynamic' | 'memoryFree'
  >
>;

export function cardsAmong(controllers: readonly Controller[]): GraphicsCard[] {
  return controllers
    .filter(({ vendor, model }) => MAKERS.test(`${vendor ?? ''} ${model ?? ''}`))
    .map(cardOf)
    .sort((a, b) => Number(a.integrated) - Number(b.integrated) || (b.memory ?? 0) - (a.memory ?? 0));
}

function cardOf({ vendor = '', model = '', name, vramDynamic, memoryFree }: Controller): GraphicsCard {
  const described = `${vendor} ${model}`;
  return {
    name: (name ?? model) || vendor,
    memory: memoryFree === undefined ? undefined : memoryFree * MEBIBYTE,
    // Apple's share their memory too, but that is as fast as other makers' cards have it.
    integrated: !/\bapple\b/i.test(described) && (vramDynamic === true || INTEGRATED.test(described)),
  };
}
