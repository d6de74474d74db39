import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where Linux tells a container's limits (https://docs.kernel.org/admin-guide/cgroup-v2.html). */
const CONTROL_GROUP = '/sys/fs/cgroup';

/** What a container may use; undefined where nothing limits it. */
export interface ContainerLimits {
  /** Bytes it may still take; memory that only caches files counts as free. */
  readonly memory: number | undefined;
  /** Cores, of which a part may be a fraction. */
  readonly cores: number | undefined;
}

/** The limits of the control group that this process runs in: Docker's `--memory` and `--cpus`, and the like. */
export async function containerLimits(folder = CONTROL_GROUP): Promise<ContainerLimits> {
  const read = async (file: string): Promise<string> => readFile(join(folder, file), 'utf8').catch(() => '');
  const limit = wholeNumber(await read('memory.max'));
  const used = wholeNumber(await read('memory.current')) ?? 0;
  const cached = wholeNumber(/^inactive_file (\d+)$/m.exec(await read('memory.stat'))?.[1] ?? '') ?? 0;
  const [quota, period] = (await read('cpu.max')).trim().split(' ').map(wholeNumber);
  return {
    memory: limit === undefined ? undefined : Math.max(0, limit - used + cached),
    cores: quota === undefined || period === undefined ? undefined : quota / period,
  };
}

/** Undefined for anything else, such as the word `max`. */
function wholeNumber(text: string): number | undefined {
  return /^\d+$/.test(text.trim()) ? Number(text) : undefined;
}
