import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isAddressedTo } from '../local-server.js';
import { Refusal, tooFast } from './problems.js';
import type { RateLimit } from './rate-limit.js';

/**
 * Lets a request pass only if it names this server and no page of somebody else's sent it: a browser says which page a
 * request comes from in `Origin` and `Sec-Fetch-Site`.
 *
 * @param boundHost the name or address that the server listens at
 * @throws {Refusal}
 */
export function refuseForeign({ headers, method }: IncomingMessage, boundHost: string): void {
  const { host = '', origin } = headers;
  if (!isAddressedTo(host, boundHost)) {
    throw new Refusal(421, { code: 'foreign', message: 'This host is not served here.' });
  }
  const fetchSite = headers['sec-fetch-site'] ?? 'none';
  // A link from elsewhere may lead to the page; it can only look at it.
  const isLink = method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
  const isOwn = fetchSite === 'none' || fetchSite === 'same-origin' || isLink;
  if (!isOwn || (origin !== undefined && !isOriginOf(origin, host))) {
    throw new Refusal(403, { code: 'foreign', message: 'Pages from elsewhere may not ask here.' });
  }
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
 * Counts a request of an address.
 *
 * @throws {Refusal} it came too soon
 */
export function refuseTooFast(rate: RateLimit, { socket }: IncomingMessage): void {
  const seconds = rate.use(socket.remoteAddress ?? '');
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
