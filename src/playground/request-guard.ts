import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { isAddressedTo } from '../local-server.js';
import { Refusal, tooFast } from './problems.js';
import type { RateLimit } from './rate-limit.js';

/** What the server is called. */
export interface ServerNames {
  /** The name or address that it listens at. */
  readonly host: string;
  /** The origin that visitors know, where a proxy hands their requests on; undefined: there is none. */
  readonly address?: string | undefined;
}

/**
 * Lets a request pass only if it names this server and no page of somebody else's sent it: a browser says which page a
 * request comes from in `Origin` and `Sec-Fetch-Site`.
 *
 * @throws {Refusal}
 */
export function refuseForeign({ headers, method }: IncomingMessage, names: ServerNames): void {
  const { host = '', origin } = headers;
  const { address } = names;
  // A proxy either keeps the name that the visitor asked for or says its own name for this server.
  if (!isAddressedTo(host, names.host, address === undefined ? [] : [new URL(address).hostname])) {
    throw new Refusal(421, { code: 'foreign', message: 'This host is not served here.' });
  }
  const fetchSite = headers['sec-fetch-site'] ?? 'none';
  // A link from elsewhere may lead to the page; it can only look at it.
  const isLink = method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
  const isOwn = fetchSite === 'none' || fetchSite === 'same-origin' || isLink;
  const isOwnOrigin = origin === undefined || origin === address || isOriginOf(origin, host);
  if (!isOwn || !isOwnOrigin) {
    throw new Refusal(403, { code: 'foreign', message: 'Pages from elsewhere may not ask here.' });
  }
}

/**
 * Who sends a request, by their address. Behind a proxy it is the one that the proxy wrote last: those before are what
 * the visitor says.
 *
 * @param isBehindProxy whether a proxy hands requests on
 */
export function visitorOf({ headers, socket }: IncomingMessage, isBehindProxy: boolean): string {
  const forwarded = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .at(-1)
    ?.trim();
  return isBehindProxy && forwarded !== undefined && isIP(forwarded) !== 0
    ? forwarded
    : (socket.remoteAddress ?? '');
}

/**
 * @param token what the request must bear; undefined: nothing
 * @throws {Refusal}
 */
export function refuseWithoutToken({ headers }: IncomingMessage, token: string | undefined): void {
  const borne = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  if (token !== undefined && (borne === undefined || !isSame(borne, token))) {
    throw new Refusal(
      401,
      { code: 'tokenNeeded', message: 'Send the header "Authorization: Bearer" with PLAYGROUND_TOKEN.' },
      { 'www-authenticate': 'Bearer' },
    );
  }
}

/**
 * Counts a request of a visitor.
 *
 * @throws {Refusal} it came too soon
 */
export function refuseTooFast(rate: RateLimit, visitor: string): void {
  const seconds = rate.use(visitor);
  if (seconds > 0) {
    throw tooFast(seconds);
  }
}

/** @throws {Refusal} */
export function refuseOtherMethods({ method = '' }: IncomingMessage, allowed: readonly string[]): void {
  if (!allowed.includes(method)) {
    const allow = allowed.join(', ');
    throw new Refusal(405, { code: 'badRequest', message: `Only ${allow} is served here.` }, { allow });
  }
}

function isOriginOf(origin: string, host: string): boolean {
  return origin.toLowerCase() === `http://${host.toLowerCase()}`;
}

/** Takes the same time for any two words, so that none can be guessed letter by letter. */
function isSame(first: string, second: string): boolean {
  const [one, other] = [first, second].map((word) => createHash('sha256').update(word).digest());
  return timingSafeEqual(one, other);
}
