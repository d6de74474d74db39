import { UserError } from '../errors.js';

/**
 * What is wrong with a host of pictures, or on the way to it.
 * - `busy`: it wants fewer requests, and its pause is too long to wait for.
 * - `failing`: it fails, breaks off, or says what makes no sense.
 * - `unreachable`: its name or its address leads nowhere from here.
 * - `refusing`: it will not give this picture to us, however often it is asked.
 */
export type FileHostProblem = 'busy' | 'failing' | 'unreachable' | 'refusing';

/** A host of pictures did not give one away. Nobody's mistake and no fault of ours; names the host alone. */
export class FileHostError extends Error {
  override readonly name = 'FileHostError';
  readonly problem: FileHostProblem;

  constructor(problem: FileHostProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }

  /** Whether the same request may succeed later. */
  get isPassing(): boolean {
    return this.problem !== 'refusing';
  }
}

/** A host's answer that holds no picture. */
export class BadAnswer extends FileHostError {
  /** How long it wants no further request. Milliseconds; undefined where it does not say. */
  readonly retryAfterMs: number | undefined;

  constructor(problem: FileHostProblem, status: number, retryAfterMs?: number) {
    super(problem, `The server answered with status ${status}.`);
    this.retryAfterMs = retryAfterMs;
  }
}

/** With these the picture is gone. Discord answers 404 where the signature of an address has expired. */
const GONE: ReadonlySet<number> = new Set([403, 404, 410]);
/** What a host says of a request that came at a bad time. */
const BAD_TIME: ReadonlySet<number> = new Set([408, 421, 425]);
const WHOLE: ReadonlySet<number> = new Set([200, 203]);

/** What a status means for a picture that was asked for; undefined where it comes along. Redirects are followed before. */
export function errorOfStatus(status: number, retryAfter: string | null): UserError | BadAnswer | undefined {
  if (WHOLE.has(status)) {
    return undefined;
  }
  if (GONE.has(status)) {
    return new UserError('The picture is gone: it was deleted, or its address has expired.', {
      mistake: { code: 'pictureGone' },
    });
  }
  const pause = pauseOf(retryAfter);
  if (status === 429 || (status === 503 && pause !== undefined)) {
    return new BadAnswer('busy', status, pause);
  }
  const isRefusal = status >= 400 && status < 500 && !BAD_TIME.has(status);
  return new BadAnswer(isRefusal ? 'refusing' : 'failing', status, pause);
}

/** What `Retry-After` asks for: seconds, or a date. Milliseconds. */
function pauseOf(retryAfter: string | null): number | undefined {
  if (retryAfter === null || retryAfter.trim() === '') {
    return undefined;
  }
  const seconds = Number(retryAfter);
  const milliseconds = Number.isNaN(seconds) ? Date.parse(retryAfter) - Date.now() : seconds * 1000;
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}

/** Codes of what this machine lacks, which are no host's fault. */
const OURS: ReadonlySet<unknown> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
  'EACCES',
  'EPERM',
]);
/** Codes of a connection that never was. */
const UNREACHABLE: ReadonlySet<unknown> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENODATA',
  'ENOTFOUND',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * What an error of `fetch`, or of reading its answer, means. Whatever has no code here is a connection that was there and
 * failed: it broke off, or spoke what is no HTTP or no TLS.
 *
 * @returns the error itself where it tells of this machine or of a fault of ours
 */
export function errorOfConnection(error: unknown): unknown {
  // Of all that goes wrong with a connection, fetch tells as a TypeError with a cause.
  if (!(error instanceof TypeError) || !(error.cause instanceof Error)) {
    return error;
  }
  const { cause } = error;
  // Where a name has several addresses, each has its own.
  const codes = [cause, ...(cause instanceof AggregateError ? (cause.errors as unknown[]) : [])].map(codeOf);
  if (codes.some((code) => OURS.has(code))) {
    return error;
  }
  return codes.some((code) => UNREACHABLE.has(code))
    ? new FileHostError('unreachable', 'There was no connection.', { cause })
    : new FileHostError('failing', 'The connection failed.', { cause });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
