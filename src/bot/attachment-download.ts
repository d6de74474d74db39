import { setTimeout as sleep } from 'node:timers/promises';
// Node's own fetch is of this library too, but can't be told where to connect.
import { fetch, type Dispatcher, type Response } from 'undici';
import { UserError } from '../errors.js';
import { publicAgent } from './public-addresses.js';

const MOST_REDIRECTS = 3;
/** Before a server that failed is asked again. Milliseconds. */
const RETRY_DELAY = 250;
/** A proxy or a test may be this machine itself, by the name that nobody else can give. */
const AGENT = publicAgent(['localhost']);

export interface DownloadOptions {
  /** The only hosts to download from, in lower case; one with a port counts for that port alone. */
  readonly hosts: readonly string[];
  readonly maxBytes: number;
  /** For all of it, with redirects and a second try. Milliseconds. */
  readonly timeoutMs: number;
  /** How long the server may send nothing. Milliseconds; 10 s unless said otherwise. */
  readonly stallMs?: number;
  /** Ends the download, which then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** What connects; to public addresses alone unless said otherwise. */
  readonly agent?: Dispatcher;
}

/**
 * The file at an address. A server that fails or hangs up is asked once more.
 *
 * @throws {UserError} `pictureElsewhere`, `pictureTooLarge`, `pictureGone` or `pictureTooSlow`
 * @throws {Error} the server can't be reached or fails; names the host alone, since an address holds a signature
 */
export async function downloadPicture(url: string, options: DownloadOptions): Promise<Uint8Array> {
  const address = permitted(url, options.hosts);
  const patience = new Patience(options);
  try {
    return await tryTwice(() => attempt(address, options, patience), patience.signal);
  } catch (error) {
    patience.signal.throwIfAborted();
    if (error instanceof UserError) {
      throw error;
    }
    throw new Error(`The picture could not be downloaded from ${address.host}.`, { cause: error });
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

  constructor(options: DownloadOptions) {
    this.#options = options;
    this.#whole = setTimeout(this.#giveUp, options.timeoutMs);
    this.#stall = setTimeout(this.#giveUp, options.stallMs ?? 10_000);
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

class ServerError extends Error {
  override readonly name = 'ServerError';
}

async function tryTwice<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    // Of a connection that fails or breaks off, fetch tells as a TypeError.
    if (signal.aborted || !(error instanceof ServerError || error instanceof TypeError)) {
      throw error;
    }
    await sleep(RETRY_DELAY, undefined, { signal });
    return attempt();
  }
}

async function attempt(address: URL, options: DownloadOptions, patience: Patience): Promise<Uint8Array> {
  patience.renew();
  const response = await follow(address, options, patience);
  if (!response.ok) {
    await discard(response);
    throw failure(response.status);
  }
  if (Number(response.headers.get('content-length')) > options.maxBytes) {
    await discard(response);
    throw tooLarge(options.maxBytes);
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
  throw new Error(`There were more than ${MOST_REDIRECTS} redirects.`);
}

async function read(response: Response, maxBytes: number, patience: Patience): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    patience.renew();
    length += chunk.length;
    if (length > maxBytes) {
      throw tooLarge(maxBytes);
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
    throw new UserError(
      'This picture is not stored by Discord, and pictures are downloaded from nowhere else.',
      {
        mistake: { code: 'pictureElsewhere' },
      },
    );
  }
  return address;
}

function failure(status: number): Error {
  if ([403, 404, 410].includes(status)) {
    return new UserError('The picture is gone: it was deleted, or its address has expired.', {
      mistake: { code: 'pictureGone' },
    });
  }
  const message = `The server answered with status ${status}.`;
  return status >= 500 ? new ServerError(message) : new Error(message);
}

function tooLarge(maxBytes: number): UserError {
  const mebibytes = maxBytes / 2 ** 20;
  return new UserError(`The file is too large: pictures of up to ${mebibytes} MiB are taken.`, {
    mistake: { code: 'pictureTooLarge', values: { mebibytes } },
  });
}
