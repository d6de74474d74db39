import { UserError } from '../../errors.js';
import type { Answer, Progress } from '../../task.js';
import type { Job } from '../inference.js';
import type { WorkerProcess } from './worker-process.js';

/** How long a worker is waited for before it is killed, or given up. */
export interface Patience {
  /** To end a job whose signal was aborted. Milliseconds. */
  readonly cancelMs: number;
  /** To end a job that ran too long. Milliseconds. */
  readonly timeLimitMs: number;
  /** To give its memory back and end. Milliseconds. */
  readonly closeMs: number;
  /** To be there again after it died, through all restarts; a job that waits for it is then given up. Milliseconds. */
  readonly restartMs: number;
}

export interface Supervision {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  readonly jobTimeLimitMs: number;
  readonly patience: Patience;
}

/**
 * Runs one job in a worker and ends it when its signal or its time says so; settles when it has really ended.
 *
 * @throws the signal's reason, once it is aborted
 * @throws {UserError} as `Inference.submit` does, and `timeLimit`
 * @throws {WorkerDiedError} the worker ended before it had answered
 */
export async function runSupervised(
  worker: WorkerProcess,
  job: Job,
  { signal, onProgress, jobTimeLimitMs, patience }: Supervision,
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
  const limit = setTimeout(() => {
    end(tookTooLong(jobTimeLimitMs), patience.timeLimitMs);
  }, jobTimeLimitMs);

  try {
    const answer = await worker.run(job, (progress) => {
      if (!ended.signal.aborted) {
        onProgress?.(progress);
      }
    });
    ended.signal.throwIfAborted();
    if (answer === undefined) {
      throw new Error('The worker ended a job that nobody cancelled.');
    }
    return answer;
  } catch (error) {
    ended.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(limit);
    clearTimeout(killing);
    signal?.removeEventListener('abort', onAbort);
  }
}

function tookTooLong(limitMs: number): UserError {
  const seconds = Math.ceil(limitMs / 1000);
  return new UserError(`The job took longer than ${seconds} s and was ended.`, {
    mistake: { code: 'timeLimit', values: { seconds } },
  });
}
