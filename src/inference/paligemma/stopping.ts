import type { Size, Task } from '../../task.js';

/** Tokens of the answers that checkpoints were trained on: of those for 224 pixels, and of those for more. */
const TRAINED = { pixels: 224, tokens: 256, tokensAbove: 512 };

/** Tokens of a short caption in any language; those of the reference data have up to 100. */
const CAPTION = 128;

/**
 * The most tokens an answer may have: as many as the checkpoint was trained on, and fewer only where a short answer is
 * asked for. A box with its label has about 7, a mask with box and label about 24.
 *
 * @param square the pixels that the checkpoint's pictures are squashed to
 */
export function tokenLimit(task: Task, { width, height }: Size): number {
  const trained = Math.max(width, height) <= TRAINED.pixels ? TRAINED.tokens : TRAINED.tokensAbove;
  return task.kind === 'describe' && task.length === 'short' ? Math.min(CAPTION, trained) : trained;
}

/** The longest run of tokens looked for in a loop: a long sentence. */
const LONGEST_PERIOD = 40;

/** When a run of tokens said again and again counts as a loop. */
interface Loop {
  readonly rounds: number;
  /** In all rounds. Single words and signs repeat more often without a loop, such as the dots of a table of contents. */
  readonly tokens: number;
  /** Rounds that stay in the answer. */
  readonly kept: number;
}

/** Fewer rounds are style ("very, very, very") or content. A model that has begun a loop stays in it until its limit. */
const LOOP: Loop = { rounds: 8, tokens: 64, kept: 1 };

/**
 * An answer that met its limit in the middle of repeating itself: fewer rounds will do. Some may still be what the
 * picture says, such as the equal lines of a receipt.
 */
const LOOP_AT_THE_LIMIT: Loop = { rounds: 4, tokens: 24, kept: 3 };

/**
 * How many of the tokens of a growing answer are to be kept where it is to end for repeating itself; undefined for one
 * that goes on. Text in pictures repeats itself, in receipts, tables, logs and songs: reading it ends by no loop.
 */
export function keptOfLoop(kind: Task['kind'], tokens: readonly number[]): number | undefined {
  const repeated = kind === 'ocr' ? 0 : repeatedTail(tokens, LOOP);
  return repeated === 0 ? undefined : tokens.length - repeated;
}

/** How many of the tokens of an answer are to be kept that has met its limit. */
export function keptAtLimit(tokens: readonly number[]): number {
  return tokens.length - repeatedTail(tokens, LOOP_AT_THE_LIMIT);
}

/** How many tokens at the end only repeat what stands before them; 0 where they are no loop. */
function repeatedTail(tokens: readonly number[], loop: Loop): number {
  for (let period = 1; period <= LONGEST_PERIOD; period++) {
    const shortest = Math.max(loop.tokens, loop.rounds * period);
    if (tokens.length < shortest) {
      continue;
    }
    let repeated = 0;
    while (
      repeated + period < tokens.length &&
      tokens[tokens.length - 1 - repeated] === tokens[tokens.length - 1 - repeated - period]
    ) {
      repeated++;
    }
    if (repeated + period >= shortest) {
      return repeated - (loop.kept - 1) * period;
    }
  }
  return 0;
}
