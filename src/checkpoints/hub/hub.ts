/** A Hugging Face Hub: the public one, a mirror, or one on loopback. */
export interface Hub {
  /** Its address, without a slash at the end. */
  readonly endpoint: string;
  /** An access token, for repositories whose licence has to be accepted. */
  readonly token: string | undefined;
  readonly patience: Patience;
}

/** How long a hub is waited for. */
export interface Patience {
  /** Tries of one request in a row that bring nothing. */
  readonly tries: number;
  /** Before the second try; it doubles from there, and varies by half. Milliseconds. */
  readonly firstPauseMs: number;
  /** No pause is longer; a hub that asks for a longer one is left alone. Milliseconds. */
  readonly longestPauseMs: number;
  /** A connection that brings nothing for so long counts as cut. Milliseconds. */
  readonly stallMs: number;
  /** A server that takes a request and has said nothing to it for so long is away. Milliseconds; by default 30 s. */
  readonly answerMs?: number;
}

export const PATIENCE: Patience = {
  tries: 6,
  firstPauseMs: 1000,
  longestPauseMs: 5 * 60_000,
  stallMs: 30_000,
};
