import { setTimeout as sleep } from 'node:timers/promises';
// Node's own fetch is of this library too, but can't be told where to connect.
import { fetch, type Dispatcher, type Response } from 'undici';
import { UserError } from '../errors.js';
import { BadAnswer, errorOfConnection, errorOfStatus, FileHostError } from './file-host-errors.js';
import { publicAgent } from './public-addresses.js';

const MOST_REDIRECTS = 3;
/** How often a server is asked that fails, hangs up, or wants fewer requests. */
const MOST_TRIES = 4;
/** Before it is asked again, doubled each time, unless it asks for more. Milliseconds. */
const FIRST_PAUSE = 250;
/** A proxy or a test may be this machine itself, by the name that nobody else can give. */
const AGENT = publicAgent(['localhost']);

export interface DownloadOptions {
  /** The only hosts to download from, in lower case; one with a port counts for that port alone. */
  readonly hosts: readonly string[];
  readonly maxBytes: number;
  /** For all of it, with redirects, further tries and the pauses between them. Milliseconds. */
  readonly timeoutMs: number;
  /** How long the server may send nothing. Milliseconds; 10 s unless said otherwise. */
  readonly stallMs?: number;
  /** Ends the download, which then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** What connects; to public addresses alone unless said otherwise. */
  readonly agent?: Dispatcher;
}

/**
 * The file at an address. A server that fails, hangs up or wants fewer requests is asked again, after the pause that it
 * asks for where the time allows.
 *
 * @throws {UserError} `pictureElsewhere`, `pictureTooLarge`, `pictureGone` or `pictureTooSlow`
 * @throws {FileHostError} the server can't be reached, fails or refuses; names the host alone, since an address holds a
 *   signature
 */
export async function downloadPicture(url: string, options: DownloadOptions): Promise<Uint8Array> {
  const address = permitted(url, options.hosts);
  const patience = new Patience(options);
  try {
    return await tryAgain(() => attempt(address, options, patience), patience);
  } catch (error) {
    patience.signal.throwIfAborted();
    if (error instanceof UserError) {
      throw error;
    }
    const message = `The picture could not be downloaded from ${address.host}.`;
    throw error instanceof FileHostError
      ? new FileHostError(error.problem, message, { cause: error })
      : new Error(message, { cause: error });
  } finally {
    patience.end();
  }
}

/** Whether pictures are downloaded from there: an allowed host over https, or http where the host is this machine. */
export function isDownloadable(url: string | URL, hosts: readonly string[]): boolean {
  if (!URL.canParse(url.toString())) {
    return false;
  }
  const { protocol, hostname, host, username, password } = new URL(url);
  return (
    (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) &&
    username === '' &&
    password === '' &&
    hosts.some((allowed) => new URL(`${protocol}//${allowed}`).host === host)
  );
}

/**
 * Whether a host is this machine itself.
 *
 * @param hostname without a port
 */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** What ends a download from outside: the caller, the time limit, a server that stalls. */
class Patience {
  readonly #controller = new AbortController();
  readonly #options: DownloadOptions;
  readonly #whole: NodeJS.Timeout;
  readonly #stall: NodeJS.Timeout;
  readonly #endsAt: number;
  #resting = false;

  constructor(options: DownloadOptions) {
    this.#options = options;
    this.#endsAt = performance.now() + options.timeoutMs;
    this.#whole = setTimeout(this.#giveUp, options.timeoutMs);
    this.#stall = setTimeout(() => {
      if (!this.#resting) {
        this.#giveUp();
      }
    }, options.stallMs ?? 10_000);
    options.signal.addEventListener('abort', this.#follow);
    if (options.signal.aborted) {
      this.#follow();
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The server has sent something, or is only now asked. */
  renew(): void {
    this.#stall.refresh();
  }

  /** Whether there would be time left after a pause. Milliseconds. */
  allows(pause: number): boolean {
    return performance.now() + pause < this.#endsAt;
  }

  /** Lets a pause pass, in which the server has nothing to send. Milliseconds. */
  async rest(pause: number): Promise<void> {
    this.#resting = true;
    try {
      await sleep(pause, undefined, { signal: this.signal });
    } finally {
      this.#resting = false;
      this.renew();
    }
  }

  end(): void {
    clearTimeout(this.#whole);
    clearTimeout(this.#stall);
    this.#options.signal.removeEventListener('abort', this.#follow);
  }

  readonly #follow = (): void => {
    this.#controller.abort(this.#options.signal.reason);
  };

  readonly #giveUp = (): void => {
    this.#controller.abort(
      new UserError('The picture could not be downloaded in time.', { mistake: { code: 'pictureTooSlow' } }),
    );
  };
}

async function tryAgain<T>(attempt: () => Promise<T>, patience: Patience): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (thrown) {
      const error = errorOfConnection(thrown);
      const asked = error instanceof BadAnswer ? (error.retryAfterMs ?? 0) : 0;
      // Many wait for the same server: they should not all come back at the same moment.
      const pause = Math.max(FIRST_PAUSE * 2 ** (tries - 1), asked) * (1 + Math.random() / 4);
      const mayPass = error instanceof FileHostError && error.isPassing;
      if (patience.signal.aborted || !mayPass || tries === MOST_TRIES || !patience.allows(pause)) {
        throw error;
      }
      await patience.rest(pause);
    }
  }
}

async function attempt(address: URL, options: DownloadOptions, patience: Patience): Promise<Uint8Array> {
  patience.renew();
  const response = await follow(address, options, patience);
  const bad = errorOfStatus(response.status, response.headers.get('retry-after'));
  if (bad !== undefined) {
    await discard(response);
    throw bad;
  }
  if (Number(response.headers.get('content-length')) > options.maxBytes) {
    await discard(response);
    throw pictureTooLarge(options.maxBytes);
  }
  return read(response, options.maxBytes, patience);
}

async function follow(
  address: URL,
  { hosts, agent = AGENT }: DownloadOptions,
  patience: Patience,
): Promise<Response> {
  let current = address;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    // Compressed, the length that the server announces would not be the picture's.
    const headers = { 'accept-encoding': 'identity' };
    const response = await fetch(current, {
      headers,
      redirect: 'manual',
      signal: patience.signal,
      dispatcher: agent,
    });
    patience.renew();
    const location = response.headers.get('location');
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) {
      return response;
    }
    await discard(response);
    current = permitted(location, hosts, current);
  }
  throw new FileHostError('refusing', `There were more than ${MOST_REDIRECTS} redirects.`);
}

async function read(response: Response, maxBytes: number, patience: Patience): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    patience.renew();
    length += chunk.length;
    if (length > maxBytes) {
      throw pictureTooLarge(maxBytes);
    }
    chunks.push(chunk);
  }
  // Not Buffer.concat: a small Buffer shares its memory with others, and could not be handed to another thread.
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** Gives the connection back; without it an unread body would hold it. */
async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}

function permitted(url: string, hosts: readonly string[], base?: URL): URL {
  const address = URL.canParse(url, base?.href) ? new URL(url, base) : undefined;
  if (address === undefined || !isDownloadable(address, hosts)) {
    throw pictureElsewhere();
  }
  return address;
}

/** That a picture is where none are downloaded from. */
export function pictureElsewhere(): UserError {
  return new UserError(
    'This picture is not stored by Discord, and pictures are downloaded from nowhere else.',
    { mistake: { code: 'pictureElsewhere' } },
  );
}

/** That a file has more bytes than are taken. */
export function pictureTooLarge(maxBytes: number): UserError {
  const mebibytes = maxBytes / 2 ** 20;
  return new UserError(`The file is too large: pictures of up to ${mebibytes} MiB are taken.`, {
    mistake: { code: 'pictureTooLarge', values: { mebibytes } },
  });
}
