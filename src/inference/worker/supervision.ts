import type { Answer, Progress } from '../../task.js';
import type { Job } from '../inference.js';
import { tookTooLong } from '../time-limit.js';
import type { Silences } from './silences.js';
import type { WorkerProcess } from './worker-process.js';

/** How long a worker is waited for before it is killed, or given up. */
export interface Patience {
  /** To end a job whose signal was aborted. Milliseconds. */
  readonly cancelMs: number;
  /** To end a job that ran too long, at least: a worker whose passes take longer gets more. Milliseconds. */
  readonly timeLimitMs: number;
  /** To give its memory back and end. Milliseconds. */
  readonly closeMs: number;
  /** To be there again after it died, through all restarts; a job that waits for it is then given up. Milliseconds. */
  readonly restartMs: number;
}

export interface Supervision {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  /** The worker ends the job by itself after it, with what there is. Milliseconds. */
  readonly limitMs: number;
  readonly patience: Patience;
  readonly silences: Silences;
}

/**
 * Runs one job in a worker and ends it when its signal says so, or when it goes on long after its time was up; settles
 * when it has really ended.
 *
 * @throws the signal's reason, once it is aborted
 * @throws {UserError} as `Inference.submit` does, and `timeLimit`
 * @throws {WorkerDiedError} the worker ended before it had answered
 */
export async function runSupervised(
  worker: WorkerProcess,
  job: Job,
  { signal, onProgress, limitMs, patience, silences }: Supervision,
): Promise<Answer> {
  signal?.throwIfAborted();
  const ended = new AbortController();
  let killing: NodeJS.Timeout | undefined;
  const end = (reason: unknown, graceMs: number): void => {
    if (!ended.signal.aborted) {
      ended.abort(reason);
      worker.cancel();
      killing = setTimeout(() => {
        worker.kill();
      }, graceMs);
    }
  };
  const onAbort = (): void => {
    end(signal?.reason, patience.cancelMs);
  };
  signal?.addEventListener('abort', onAbort);
  // The worker ends the job itself. One that has not after half of the grace is asked to, and after the other half killed.
  const halfOfGrace = silences.graceAfter(limitMs, patience.timeLimitMs) / 2;
  const limit = setTimeout(() => {
    end(tookTooLong(limitMs), halfOfGrace);
  }, limitMs + halfOfGrace);
  const silence = new LongestSilence();

  try {
    const onSaid = (progress: Progress): void => {
      silence.broken();
      if (!ended.signal.aborted) {
        onProgress?.(progress);
      }
    };
    const answer = await worker.run(job, onSaid, limitMs);
    if (answer !== undefined) {
      silences.add(silence.broken());
      signal?.throwIfAborted();
      return answer;
    }
    ended.signal.throwIfAborted();
    throw new Error('The worker ended a job that nobody cancelled.');
  } catch (error) {
    ended.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(limit);
    clearTimeout(killing);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Of one job. */
class LongestSilence {
  #since = performance.now();
  #longest = 0;

  /** @returns the longest so far. Milliseconds */
  broken(): number {
    const now = performance.now();
    this.#longest = Math.max(this.#longest, now - this.#since);
    this.#since = now;
    return this.#longest;
  }
}
