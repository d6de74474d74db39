import { UserError } from '../../errors.js';
import { readStart } from './body.js';
import type { Hub } from './hub.js';
import { PassingError } from './passing-error.js';
import { refusal, type Wanted } from './refusal.js';
import { unreachable } from './unreachable.js';

const MOST_REDIRECTS = 5;
/** As much of a refusal as is looked at. Bytes. */
const EXPLANATION = 1000;
const ANSWER_MS = 30_000;

export interface RequestOptions extends Wanted {
  /** How long a right answer can be, where that is known. Bytes. */
  readonly lengths?: readonly number[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks a hub, or the host that it sends on to, which is not told the token.
 *
 * @returns a response of status 200, 206 or 416
 * @throws {UserError} the hub refuses: there is no such thing, or it may not be had
 * @throws {PassingError} a later try may succeed
 */
export async function request(hub: Hub, address: string, options: RequestOptions): Promise<Response> {
  const { headers, signal } = options;
  const home = new URL(hub.endpoint);
  const asked = new URL(address);
  let url = asked;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const isHome = url.origin === home.origin;
    const response = await connect(hub, url, {
      headers: {
        ...headers,
        // A compressed body would have other ranges and another length.
        'accept-encoding': 'identity',
        ...(isHome && hub.token !== undefined ? { authorization: `Bearer ${hub.token}` } : {}),
      },
      redirect: 'manual',
      signal: signal ?? null,
    });
    const { status } = response;
    const location = response.headers.get('location');
    if (status >= 300 && status < 400 && location !== null) {
      await response.body?.cancel();
      url = followed(location, url, home);
      continue;
    }
    if (status === 200 || status === 206) {
      return await requireNoPage(response, url, options);
    }
    if (status === 416) {
      return response;
    }
    const message = await explanation(hub, response);
    throw refusal(hub, { ...options, status, headers: response.headers, message, from: url, asked });
  }
  throw new UserError(`${hub.endpoint} sends from one place to the next without end.`);
}

/** A server that takes the connection and then says nothing counts as one that stalls. */
async function connect(hub: Hub, url: URL, init: RequestInit): Promise<Response> {
  const { answerMs = ANSWER_MS } = hub.patience;
  const silence = new AbortController();
  const timer = setTimeout(() => {
    silence.abort();
  }, answerMs);
  const signal =
    init.signal === undefined || init.signal === null
      ? silence.signal
      : AbortSignal.any([init.signal, silence.signal]);
  try {
    return await fetch(url, { ...init, signal });
  } catch (cause) {
    init.signal?.throwIfAborted();
    throw silence.signal.aborted
      ? new PassingError(`${url.host} can't be reached. Nothing came for ${answerMs / 1000} s.`, 0, { cause })
      : unreachable(url, cause);
  } finally {
    clearTimeout(timer);
  }
}

/** An encrypted connection is not left for one that anybody can read and change. */
function followed(location: string, from: URL, home: URL): URL {
  if (!URL.canParse(location, from.href)) {
    throw new UserError(`${from.host} sends on to what is no address.`);
  }
  const url = new URL(location, from);
  if (url.protocol !== 'https:' && url.protocol !== home.protocol) {
    throw new UserError(
      `${from.host} sends on to ${url.protocol}//${url.host}, which is not safe to follow.`,
    );
  }
  return url;
}

/** No file of a model is a web page, unless a server knows no better name for what it sends. */
async function requireNoPage(
  response: Response,
  { host }: URL,
  { lengths = [], file, repository }: RequestOptions,
): Promise<Response> {
  const { headers } = response;
  if (!/^text\/html\b/i.test(headers.get('content-type') ?? '')) {
    return response;
  }
  if (lengths.includes(Number(headers.get('content-length') ?? NaN))) {
    return response;
  }
  await response.body?.cancel();
  throw new UserError(
    `${host} answers with a web page instead of ${file ?? `what is in ${repository}`}: it is no hub, or the network ` +
      'asks for a login first.',
  );
}

/** The beginning of what a server says of its refusal. */
async function explanation(hub: Hub, response: Response): Promise<string> {
  const header = response.headers.get('x-error-message') ?? '';
  const body = await readStart(response, hub.patience, EXPLANATION).catch(() => new Uint8Array());
  return `${header} ${new TextDecoder().decode(body)}`;
}
