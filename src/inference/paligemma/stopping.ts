import type { Task } from '../../task.js';

/**
 * The most tokens an answer may have, by task. A caption of the reference data has up to 100, a box with its label
 * about 7, a mask with box and label about 24; the checkpoints were trained on up to 256 (224 pixels) or 512 (448).
 */
export const TOKEN_LIMITS: Readonly<Record<Task['kind'], number>> = {
  describe: 128,
  ask: 64,
  ocr: 400,
  detect: 256,
  segment: 400,
};

/** The longest run of tokens looked for in a loop: a long sentence. */
const LONGEST_PERIOD = 40;
/** Fewer repeats are style ("very, very, very") or content (the rows of a table). */
const FEWEST_REPEATS = 4;
/** Tokens; single words and signs repeat more often without a loop, such as the dots of a table of contents. */
const SHORTEST_LOOP = 24;

/**
 * How many tokens at the end only repeat what stands before them; 0 for an answer that goes on.
 *
 * A model that has begun to repeat itself does so until its limit.
 */
export function repeatedTail(tokens: readonly number[]): number {
  for (let period = 1; period <= LONGEST_PERIOD; period++) {
    const loop = Math.max(SHORTEST_LOOP, FEWEST_REPEATS * period);
    if (tokens.length < loop) {
      continue;
    }
    let repeated = 0;
    while (
      repeated + period < tokens.length &&
      tokens[tokens.length - 1 - repeated] === tokens[tokens.length - 1 - repeated - period]
    ) {
      repeated++;
    }
    if (repeated + period >= loop) {
      return repeated;
    }
  }
  return 0;
}
