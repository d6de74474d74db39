/** Visitors that are remembered at once; beyond that the earliest is let go. */
const MOST = 1000;

export interface RateLimitOptions {
  /** Requests that may come at once. */
  readonly burst: number;
  /** Requests a second that may come for ever. */
  readonly perSecond: number;
  /** Milliseconds. */
  readonly now?: () => number;
}

/** How often each visitor may ask: a token bucket. */
export class RateLimit {
  readonly #options: Required<RateLimitOptions>;
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor(options: RateLimitOptions) {
    this.#options = { now: () => performance.now(), ...options };
  }

  /**
   * Counts a request.
   *
   * @returns the whole seconds that the visitor must wait before the next; 0 where this one may pass
   */
  use(visitor: string): number {
    const { burst, perSecond, now } = this.#options;
    const at = now();
    const bucket = this.#buckets.get(visitor) ?? { left: burst, at };
    const left = Math.min(burst, bucket.left + ((at - bucket.at) / 1000) * perSecond);
    const passes = left >= 1;
    // Set anew, so that the first in the map is who was away for the longest.
    this.#buckets.delete(visitor);
    this.#buckets.set(visitor, { left: passes ? left - 1 : left, at });
    this.#forget();
    return passes ? 0 : Math.ceil((1 - left) / perSecond);
  }

  #forget(): void {
    for (const visitor of this.#buckets.keys()) {
      if (this.#buckets.size <= MOST) {
        return;
      }
      this.#buckets.delete(visitor);
    }
  }
}
