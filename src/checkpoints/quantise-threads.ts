import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { quantiseRows, type HowToQuantise } from './quantise-part.js';

/** More would wait for the disk, and each holds parts in memory. */
const MOST_THREADS = 8;
const THREADS = Math.min(availableParallelism(), MOST_THREADS);

/** Milliseconds after which a thread that has nothing to do ends. */
const IDLE = 1000;

/** Parts that are read before the first of them is needed, so that each thread has one and finds the next. */
export const PARTS_AHEAD = THREADS + 1;

let threads: Piscina | undefined;

/**
 * Quantises whole rows in another thread; with one core, here.
 *
 * @param weights is given away: it is empty afterwards
 * @returns the bytes of each tensor that they are stored in
 */
export async function quantisePart(weights: Float32Array, how: HowToQuantise): Promise<Uint8Array[]> {
  if (THREADS === 1) {
    return quantiseRows(weights, how);
  }
  threads ??= new Piscina({
    filename: new URL(
      import.meta.url.endsWith('.ts') ? './quantise-thread.ts' : './quantise-thread.js',
      import.meta.url,
    ).href,
    maxThreads: THREADS,
    idleTimeout: IDLE,
  });
  return (await threads.run(
    { weights, how },
    { transferList: [weights.buffer as ArrayBuffer] },
  )) as Uint8Array[];
}
