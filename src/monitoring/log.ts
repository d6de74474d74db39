import { pino, stdTimeFunctions, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import type { LogLevel } from '../config.js';
import { UserError } from '../errors.js';

const REDACTED = '[redacted]';
/** Deeper values are left out. */
const DEEPEST = 6;

/** Lines that could not be written and are kept for later. Bytes. */
const MOST_UNWRITTEN = 2 ** 20;

/** What members said and showed, and what opens doors. */
const PRIVATE_KEYS = new Set([
  ...['token', 'authorization', 'cookie', 'headers', 'body', 'requestBody', 'rawError'],
  ...[
    'content',
    'question',
    'objects',
    'words',
    'text',
    'prompt',
    'description',
    'picture',
    'bytes',
    'buffer',
  ],
]);

/** What is kept of an error beside its name, message, stack and cause. */
const ERROR_FIELDS = ['code', 'status', 'method', 'url', 'signal', 'exitCode'] as const;

/** Secrets inside of words, wherever they stand in a line. None of the patterns can end a JSON string. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  // With such a token anybody may answer in the bot's place for a quarter of an hour.
  [/(\/(?:webhooks|interactions)\/\d+\/)[^/?#\s"'\\]+/g, `$1${REDACTED}`],
  [/\baW50ZXJhY3Rpb2[\w-]{8,}/g, REDACTED],
  // Queries sign the addresses of attachments.
  [/(\bhttps?:\/\/[^\s"'\\?#]+)\?[^\s"'\\]*/g, `$1?${REDACTED}`],
  [/\b(Bot|Bearer) [\w-]+\.[\w.-]+/g, `$1 ${REDACTED}`],
  [/\b[\w-]{18,}\.[\w-]{6,7}\.[\w-]{27,}/g, REDACTED],
];

/**
 * A log of JSON lines, for programs to read, on standard output: people's sentences go to standard error, so that
 * neither disturbs the other. It tells what happened, and no picture, question, answer or token.
 */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    timestamp: stdTimeFunctions.isoTime,
    // Fields of child loggers pass through these alone.
    serializers: {
      ...Object.fromEntries([...PRIVATE_KEYS].map((key) => [key, () => REDACTED])),
      err: (error: unknown) => strip(error),
    },
    formatters: { level: (label) => ({ level: label }) },
    hooks: {
      // Before pino sees an error, whose message would become the line's.
      logMethod(parts, method) {
        const [first, ...rest] = parts.map((part) => strip(part));
        method.apply(this, [parts[0] instanceof Error ? { err: first } : first, ...rest] as typeof parts);
      },
      streamWrite: withoutSecrets,
    },
  };
  return pino(options, destination ?? standardOutput());
}

/**
 * Where the log can't be written, as on a full disk, the bot goes on without it; when there is room again, so does the
 * log, with the first mebibyte of what was missed.
 */
function standardOutput(): DestinationStream {
  const stream = pino.destination({ dest: process.stdout.fd, sync: true, maxLength: MOST_UNWRITTEN });
  stream.on('error', () => undefined);
  return stream;
}

function withoutSecrets(line: string): string {
  return SECRETS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line);
}

/** The value without what is private, in what JSON can tell. */
function strip(value: unknown, depth = 0): unknown {
  if (typeof value === 'bigint') {
    return value.toString();
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) {
    return value;
  }
  if (depth > DEEPEST) {
    return '[too deep]';
  }
  if (value instanceof Error) {
    return stripError(value, depth);
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return `[${value.byteLength} bytes]`;
  }
  if (Array.isArray(value)) {
    return value.map((item) => strip(item, depth + 1));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    // A client, a message: all that hangs on them is no business of a log.
    return `[${value.constructor.name}]`;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      PRIVATE_KEYS.has(key) ? REDACTED : strip(inner, depth + 1),
    ]),
  );
}

function stripError(error: Error, depth: number): Record<string, unknown> {
  const fields = error as unknown as Record<string, unknown>;
  const mistake = error instanceof UserError ? error.mistake : undefined;
  return {
    name: error.name,
    // The sentence about a member's mistake can repeat what they wrote.
    message: mistake === undefined ? error.message : `mistake ${mistake.code}`,
    ...Object.fromEntries(
      ERROR_FIELDS.filter((field) => ['string', 'number'].includes(typeof fields[field])).map((field) => [
        field,
        fields[field],
      ]),
    ),
    // Without its first lines, which are the message again.
    stack: error.stack?.split('\n').filter((line) => /^\s+at /.test(line)),
    ...(error.cause === undefined ? {} : { cause: strip(error.cause, depth + 1) }),
    ...(error instanceof AggregateError ? { errors: strip(error.errors, depth + 1) } : {}),
  };
}
