import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Contender } from './contenders/contenders.js';

const BETWEEN_LOOKS = 250;
const MEBIBYTE = 2 ** 20;

/**
 * A contender whose share of the graphics card's memory is noted while it answers: the most, in bytes, over all of its
 * answers. NVIDIA's driver alone tells; with another card nothing is noted.
 */
export function watchingGraphicsMemory(
  name: string,
  most: Map<string, number>,
  contender: Contender,
): Contender {
  return async (tokens) => {
    const before = await usedMemory();
    if (before === undefined) {
      return contender(tokens);
    }
    const ended = new AbortController();
    const watching = (async () => {
      while (!ended.signal.aborted) {
        const now = (await usedMemory()) ?? before;
        most.set(name, Math.max(most.get(name) ?? 0, now - before));
        await sleep(BETWEEN_LOOKS);
      }
    })();
    try {
      return await contender(tokens);
    } finally {
      ended.abort();
      await watching;
    }
  };
}

async function usedMemory(): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', [
      '--query-gpu=memory.used',
      '--format=csv,noheader,nounits',
    ]);
    return Number(stdout.split('\n')[0]) * MEBIBYTE;
  } catch {
    return undefined;
  }
}
