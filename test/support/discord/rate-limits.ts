import { createHash } from 'node:crypto';
import { isMatch, type RequestMatch } from './played-failures.js';

export interface RateLimit {
  readonly limit: number;
  readonly perMs: number;
}

interface Window {
  readonly began: number;
  used: number;
}

/** What a request gets beside its answer, or in its place. */
export interface RateLimitVerdict {
  readonly headers: Readonly<Record<string, string>>;
  /** Seconds until the client may try again; undefined for a request that is let through. */
  readonly retryAfter: number | undefined;
}

/** Limits of how many requests come in a span of time, told with Discord's headers. */
export class RateLimits {
  readonly #rules: { match: RequestMatch; rule: RateLimit }[] = [];
  readonly #windows = new Map<string, Window>();

  /** Later rules win. */
  add(match: RequestMatch, rule: RateLimit): void {
    this.#rules.unshift({ match, rule });
  }

  /** @param major what requests share a limit by, beside their kind: a webhook's token or a channel's id */
  admit(method: string, path: string, major: string): RateLimitVerdict {
    const found = this.#rules.find(({ match }) => isMatch(match, method, path));
    if (found === undefined) {
      return { headers: {}, retryAfter: undefined };
    }
    const { limit, perMs } = found.rule;
    const kind = `${method} ${String(found.match.route)}`;
    const now = Date.now();
    const last = this.#windows.get(`${kind} ${major}`);
    const window = last === undefined || now - last.began >= perMs ? { began: now, used: 0 } : last;
    this.#windows.set(`${kind} ${major}`, window);
    const resetAfter = (window.began + perMs - now) / 1000;
    const isFull = window.used >= limit;
    window.used += isFull ? 0 : 1;
    return {
      headers: {
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(limit - window.used),
        'x-ratelimit-reset': String((window.began + perMs) / 1000),
        'x-ratelimit-reset-after': resetAfter.toFixed(3),
        'x-ratelimit-bucket': createHash('sha1').update(kind).digest('hex').slice(0, 32),
        ...(isFull ? { 'retry-after': String(Math.ceil(resetAfter)), 'x-ratelimit-scope': 'user' } : {}),
      },
      retryAfter: isFull ? resetAfter : undefined,
    };
  }
}
