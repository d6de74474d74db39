import { createHash } from 'node:crypto';
import { isMatch, type RequestMatch } from './played-failures.js';

export interface RateLimit {
  readonly limit: number;
  readonly perMs: number;
}

/** Requests in answer to interactions are exempt from the limit of all requests of a bot. */
const EXEMPT = /^\/(interactions|webhooks)\//;
const SECOND = 1000;

interface Window {
  readonly began: number;
  used: number;
}

/** What a request gets beside its answer, or in its place. */
export interface RateLimitVerdict {
  readonly headers: Readonly<Record<string, string>>;
  /** Seconds until the client may try again; undefined for a request that is let through. */
  readonly retryAfter: number | undefined;
  /** Whether it is the limit of all requests of a bot. */
  readonly global: boolean;
}

/** Limits of how many requests come in a span of time, told with Discord's headers. */
export class RateLimits {
  readonly #rules: { match: RequestMatch; rule: RateLimit }[] = [];
  readonly #windows = new Map<string, Window>();
  readonly #perSecond: number;

  /** @param perSecond how many requests there may be of all kinds but those that answer interactions */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Later rules win. */
  add(match: RequestMatch, rule: RateLimit): void {
    this.#rules.unshift({ match, rule });
  }

  /** @param major what requests share a limit by, beside their kind: a webhook's token or a channel's id */
  admit(method: string, path: string, major: string): RateLimitVerdict {
    const all = EXEMPT.test(path) ? undefined : this.#take('all', { limit: this.#perSecond, perMs: SECOND });
    if (all?.isFull === true) {
      const headers = { 'x-ratelimit-global': 'true', 'x-ratelimit-scope': 'global' };
      return { headers: { ...headers, ...retryAfterOf(all) }, retryAfter: all.resetAfter, global: true };
    }
    const found = this.#rules.find(({ match }) => isMatch(match, method, path));
    if (found === undefined) {
      return { headers: {}, retryAfter: undefined, global: false };
    }
    const kind = `${method} ${String(found.match.route)}`;
    const window = this.#take(`${kind} ${major}`, found.rule);
    const { isFull, left, resetAfter } = window;
    return {
      headers: {
        'x-ratelimit-limit': String(found.rule.limit),
        'x-ratelimit-remaining': String(left),
        'x-ratelimit-reset': String(Date.now() / SECOND + resetAfter),
        'x-ratelimit-reset-after': resetAfter.toFixed(3),
        'x-ratelimit-bucket': createHash('sha1').update(kind).digest('hex').slice(0, 32),
        ...(isFull ? { 'x-ratelimit-scope': 'user', ...retryAfterOf(window) } : {}),
      },
      retryAfter: isFull ? resetAfter : undefined,
      global: false,
    };
  }

  #take(key: string, { limit, perMs }: RateLimit): Taken {
    const now = Date.now();
    const last = this.#windows.get(key);
    const window = last === undefined || now - last.began >= perMs ? { began: now, used: 0 } : last;
    this.#windows.set(key, window);
    const isFull = window.used >= limit;
    window.used += isFull ? 0 : 1;
    return { isFull, left: limit - window.used, resetAfter: (window.began + perMs - now) / SECOND };
  }
}

interface Taken {
  readonly isFull: boolean;
  readonly left: number;
  /** Seconds. */
  readonly resetAfter: number;
}

function retryAfterOf({ resetAfter }: Taken): Record<string, string> {
  return { 'retry-after': String(Math.ceil(resetAfter)) };
}
