/** Jobs whose silences are kept: enough to hold a slow one, few enough to forget a machine that was busy once. */
const KEPT = 25;
/** A pass that takes so many times as long as the longest that was seen does not return. */
const FACTOR = 2;
/** While nothing was seen yet, this is the longest that is waited for a first pass. Milliseconds. */
const LONGEST_FIRST = 120_000;

/**
 * How long workers say nothing while they are at work: for as long as they read a picture, a prompt, or draw. A slow
 * machine is told by it from a worker that hangs. All in milliseconds.
 */
export class Silences {
  readonly #recent: number[] = [];

  /** A job that was answered had no longer silence than this. */
  add(longest: number): void {
    this.#recent.push(longest);
    this.#recent.splice(0, this.#recent.length - KEPT);
  }

  /**
   * How long a job whose time is up may go on until its worker counts as hung: long after the limit, so that a picture
   * is never blamed for a slow machine.
   *
   * @param limitMs what the job was given
   */
  graceAfter(limitMs: number, leastMs: number): number {
    const expected =
      this.#recent.length === 0 ? Math.min(limitMs, LONGEST_FIRST) : FACTOR * Math.max(...this.#recent);
    return Math.max(leastMs, expected);
  }
}
