/** Members that are remembered at once; beyond that the earliest is let go. */
const MOST = 10_000;

/** The pause that each member makes between two requests. */
export class Cooldown {
  readonly #duration: number;
  readonly #now: () => number;
  /** When each member asked, the earliest first. */
  readonly #used = new Map<string, number>();

  /**
   * @param seconds 0 for no pause
   * @param now milliseconds
   */
  constructor(seconds: number, now: () => number = Date.now) {
    this.#duration = seconds * 1000;
    this.#now = now;
  }

  /**
   * Asks for a member's turn, and takes it where it is free.
   *
   * @returns the whole seconds that are left; 0 where the turn is taken
   */
  use(memberId: string): number {
    const now = this.#now();
    this.#forget(now);
    const used = this.#used.get(memberId);
    if (used !== undefined) {
      return Math.ceil(this.#left(used, now) / 1000);
    }
    if (this.#duration > 0) {
      this.#used.set(memberId, now);
    }
    return 0;
  }

  #forget(now: number): void {
    for (const [memberId, used] of this.#used) {
      if (this.#left(used, now) > 0 && this.#used.size < MOST) {
        return;
      }
      this.#used.delete(memberId);
    }
  }

  /** Also where the clock was set back: never more than the pause itself. */
  #left(used: number, now: number): number {
    return Math.min(this.#duration, used + this.#duration - now);
  }
}
