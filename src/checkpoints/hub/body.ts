import type { Patience } from './hub.js';
import { PassingError } from './passing-error.js';

/**
 * Reads a response as it comes.
 *
 * @param take is awaited before more is read
 * @throws {PassingError} the connection was cut, or brought nothing for too long
 */
export async function readBody(
  response: Response,
  patience: Patience,
  take: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  for await (const bytes of chunks(response, patience)) {
    await take(bytes);
  }
}

/**
 * Reads the beginning of a response and leaves the rest of it where it is.
 *
 * @param length bytes; fewer are returned where the response is shorter
 * @throws {PassingError} the connection was cut, or brought nothing for too long
 */
export async function readStart(response: Response, patience: Patience, length: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let come = 0;
  for await (const bytes of chunks(response, patience)) {
    parts.push(bytes);
    come += bytes.length;
    if (come >= length) {
      break;
    }
  }
  return Buffer.concat(parts).subarray(0, length);
}

async function* chunks(response: Response, { stallMs }: Patience): AsyncGenerator<Uint8Array> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
  if (reader === undefined) {
    return;
  }
  try {
    for (;;) {
      const { done, value } = await beforeStall(reader.read(), stallMs);
      if (done) {
        return;
      }
      yield value;
    }
  } catch (cause) {
    throw cause instanceof TypeError ? new PassingError('The connection was cut.', 0, { cause }) : cause;
  } finally {
    // What is still to come of it is not wanted; a connection that is cut already can't be told so.
    reader.cancel().catch(() => undefined);
  }
}

async function beforeStall<Result>(reading: Promise<Result>, stallMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const stalled = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new PassingError(`Nothing came for ${stallMs / 1000} s.`));
    }, stallMs);
  });
  try {
    return await Promise.race([reading, stalled]);
  } finally {
    clearTimeout(timer);
  }
}
