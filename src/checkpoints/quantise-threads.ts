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

/** Threads that quantise; none is started before there is a part for one. */
export class QuantiseThreads {
  #threads: Piscina | undefined;

  /** @param code of a thread, as `quantise-thread.ts` */
  constructor(private readonly code: URL) {}

  /**
   * Quantises whole rows in another thread.
   *
   * @param weights is given away: it is empty afterwards
   * @returns the bytes of each tensor that they are stored in
   */
  async run(weights: Float32Array, how: HowToQuantise): Promise<Uint8Array[]> {
    const threads = (this.#threads ??= this.#start());
    try {
      return (await threads.run(
        { weights, how },
        { transferList: [weights.buffer as ArrayBuffer] },
      )) as Uint8Array[];
    } catch (error) {
      await this.#end(threads);
      throw error;
    }
  }

  #start(): Piscina {
    const threads = new Piscina({ filename: this.code.href, maxThreads: THREADS, idleTimeout: IDLE });
    // A thread that fails without a part, and would otherwise end the process.
    threads.on('error', () => void this.#end(threads));
    return threads;
  }

  /** Threads that can't load their code are started again and again, while the other parts wait without end. */
  async #end(threads: Piscina): Promise<void> {
    if (this.#threads === threads) {
      this.#threads = undefined;
      await threads.destroy();
    }
  }
}

const threads = new QuantiseThreads(
  new URL(import.meta.url.endsWith('.ts') ? './quantise-thread.ts' : './quantise-thread.js', import.meta.url),
);

/**
 * Quantises whole rows in another thread; with one core, here.
 *
 * @param weights is given away: it is empty afterwards
 * @returns the bytes of each tensor that they are stored in
 */
export async function quantisePart(weights: Float32Array, how: HowToQuantise): Promise<Uint8Array[]> {
  return THREADS === 1 ? quantiseRows(weights, how) : threads.run(weights, how);
}
