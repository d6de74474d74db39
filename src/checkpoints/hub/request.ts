import { UserError } from '../../errors.js';
import type { Hub } from './hub.js';
import { PassingError } from './passing-error.js';

const MOST_REDIRECTS = 5;
/** Statuses that a later try may not meet again. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

export interface RequestOptions {
  /** What the request is about, as `owner/name`: for the sentence that says why it was refused. */
  readonly repository: string;
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
export async function request(
  hub: Hub,
  address: string,
  { repository, headers, signal }: RequestOptions,
): Promise<Response> {
  const home = new URL(hub.endpoint);
  let url = new URL(address);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const isHome = url.origin === home.origin;
    const response = await connect(url, {
      headers: {
        ...headers,
        // A compressed body would have other ranges and another length.
        'accept-encoding': 'identity',
        ...(isHome && hub.token !== undefined ? { authorization: `Bearer ${hub.token}` } : {}),
      },
      redirect: 'manual',
      signal: signal ?? null,
    });
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      url = followed(location, url, home);
      continue;
    }
    if (response.ok || response.status === 416) {
      return response;
    }
    const message = await explanation(response);
    throw refusal(hub, { repository, response, isHome, message });
  }
  throw new UserError(`${hub.endpoint} sends from one place to the next without end.`);
}

async function connect(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throw new PassingError(`${url.host} can't be reached.`, 0, { cause });
  }
}

/** An encrypted connection is not left for one that anybody can read and change. */
function followed(location: string, from: URL, home: URL): URL {
  const url = new URL(location, from);
  if (url.protocol !== 'https:' && url.protocol !== home.protocol) {
    throw new UserError(
      `${from.host} sends on to ${url.protocol}//${url.host}, which is not safe to follow.`,
    );
  }
  return url;
}

interface Refused {
  readonly repository: string;
  readonly response: Response;
  /** False where it was another host than the hub's that refused. */
  readonly isHome: boolean;
  readonly message: string;
}

function refusal(hub: Hub, { repository, response, isHome, message }: Refused): Error {
  const { status } = response;
  const page = `${hub.endpoint}/${repository}`;
  // Addresses at other hosts are signed for a while: the hub gives a new one.
  if (PASSING.has(status) || (!isHome && (status === 401 || status === 403))) {
    return new PassingError(`${new URL(response.url).host} answers with ${status}.`, retryAfterOf(response));
  }
  const gated = response.headers.get('x-error-code') === 'GatedRepo' || /gated|restricted/i.test(message);
  if ((status === 401 || status === 403) && gated) {
    return new UserError(
      hub.token === undefined
        ? `${repository} may be had by those who have accepted its licence: do so on ${page}, make an access token ` +
            `on ${hub.endpoint}/settings/tokens, and set HF_TOKEN to it.`
        : `The owner of HF_TOKEN has not accepted the licence of ${repository}, or the token may not read gated ` +
            `repositories: see ${page}`,
    );
  }
  if (status === 401 && hub.token !== undefined) {
    return new UserError(`${hub.endpoint} does not accept HF_TOKEN.`);
  }
  if (status === 401 || status === 403 || status === 404) {
    return new UserError(
      `${hub.endpoint} has no ${repository} that may be read${hub.token === undefined ? ' without HF_TOKEN' : ''}.`,
    );
  }
  return new UserError(`${new URL(response.url).host} refuses with status ${status}.`);
}

/** What a hub says of its refusal, which only ever chooses among our own sentences. */
async function explanation(response: Response): Promise<string> {
  const header = response.headers.get('x-error-message') ?? '';
  const body = await response.text().catch(() => '');
  return `${header} ${body.slice(0, 1000)}`;
}

/** Seconds, or a date (RFC 9110, section 10.2.3). Milliseconds. */
function retryAfterOf({ headers }: Response): number {
  const value = headers.get('retry-after') ?? '';
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(wait) ? 0 : Math.max(0, wait);
}
