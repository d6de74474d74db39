import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../errors.js';
import type { Patience } from './hub.js';

/** Something that went wrong on the way and may go well the next time: a cut connection, a server that is busy. */
export class PassingError extends Error {
  override readonly name = 'PassingError';

  /** @param retryAfterMs the pause that the server asks for. Milliseconds. */
  constructor(
    message: string,
    readonly retryAfterMs = 0,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Tries something again, with growing pauses, for as long as what goes wrong may pass.
 *
 * @param attempt returns how many bytes further it has come when it fails with a `PassingError`, through `progressed`
 * @throws {UserError} it did not pass, or the server asks for a longer pause than anybody waits for
 * @throws the signal's reason, once it is aborted
 */
export async function persistently<Result>(
  attempt: (progressed: () => void) => Promise<Result>,
  { tries, firstPauseMs, longestPauseMs }: Patience,
  signal: AbortSignal | undefined,
): Promise<Result> {
  let failures = 0;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt(() => {
        failures = 0;
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof PassingError)) {
        throw error;
      }
      failures++;
      if (error.retryAfterMs > longestPauseMs) {
        throw new UserError(
          `${error.message} It asks to be left alone for ${inWords(error.retryAfterMs)}: try again then; what has come is kept.`,
          { cause: error },
        );
      }
      if (failures >= tries) {
        throw new UserError(
          `${error.message} It was tried ${tries} times; what has come is kept for the next try.`,
          {
            cause: error,
          },
        );
      }
      const growing = firstPauseMs * 2 ** (failures - 1) * (0.75 + Math.random() / 2);
      await sleep(Math.min(Math.max(growing, error.retryAfterMs), longestPauseMs), undefined, { signal });
    }
  }
}

function inWords(milliseconds: number): string {
  const minutes = Math.ceil(milliseconds / 60_000);
  return minutes > 90 ? `${Math.ceil(minutes / 60)} hours` : `${minutes} min`;
}
