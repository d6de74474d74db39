/** What one contender prints, as one line of JSON. Times in milliseconds. */
export interface ContenderFigures {
  /** From nothing to ready for the first picture. */
  readonly load: number;
  /** From the picture's file to the first token of the answer. */
  readonly firstToken: number;
  /** From the picture's file to the last token. */
  readonly answer: number;
  readonly tokens: number;
  /** The tokens themselves, where a contender tells. */
  readonly said?: readonly number[];
  /** The same for another question about the same picture; left out by contenders that look at it anew. */
  readonly firstTokenAgain?: number;
  /** The most memory that the process has held, in bytes. */
  readonly peakMemory: number;
}

/** Of this process. */
export function peakMemory(): number {
  // Kilobytes, on every system.
  return process.resourceUsage().maxRSS * 1024;
}

/** Whatever a model of random weights says means nothing: the question only has to be as long as people's. */
export const QUESTION = 'what is on the table next to the window';
