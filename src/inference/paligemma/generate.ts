import { setImmediate as nextTurn } from 'node:timers/promises';
import { SessionError } from '../session-error.js';
import type { ImageFeatures } from './vision-encoder.js';

/** A prompt that a model has read, and what it has said to it so far. */
export interface Reading {
  /** `[vocabulary]`: the scores of the tokens that may follow. */
  readonly logits: Float32Array;
  /** Appends one token and scores what may follow it. */
  add(token: number): Promise<void>;
  /** Frees what was remembered of the prompt. */
  dispose(): void;
}

export interface GenerativeModel {
  read(ids: readonly number[], features: ImageFeatures): Promise<Reading>;
}

export interface GenerateOptions {
  /** Tokens that end an answer; they are no part of it. */
  readonly endTokens: ReadonlySet<number>;
  /** Only tokens below this number are said: the padding of the table comes after all others. */
  readonly vocabularyEnd: number;
  /** Of those the ones that are never said either. */
  readonly neverSaid?: ReadonlySet<number> | undefined;
  readonly maxTokens: number;
  /** Called with the answer after each token; a number ends the answer there and keeps that many tokens. */
  readonly onToken?: (tokens: readonly number[]) => number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** No pass begins from then on, as `performance.now` tells it. */
  readonly finishBy?: number | undefined;
}

export interface Generated {
  readonly tokens: readonly number[];
  /** False when a limit, the time or `onToken` ended the answer, not the model. */
  readonly complete: boolean;
  /** Milliseconds for the prompt. */
  readonly prefill: number;
  /** Milliseconds for all tokens after the first, which the prompt's pass already gives. */
  readonly decode: number;
}

/**
 * Lets a model answer a prompt greedily: always the likeliest token, as all of PaliGemma's reference code does.
 *
 * Each pass blocks the thread; between two passes waiting events get their turn, so that an abort is seen within one
 * token, and so is the end of the time, with which the answer ends as it stands. The prompt's pass can't be interrupted.
 *
 * @param ids the prompt, of which the first `features.tokens` are the picture's places
 * @throws the signal's reason, once it is aborted
 */
export async function generate(
  model: GenerativeModel,
  ids: readonly number[],
  features: ImageFeatures,
  { endTokens, vocabularyEnd, neverSaid, maxTokens, onToken, signal, finishBy = Infinity }: GenerateOptions,
): Promise<Generated> {
  await nextTurn();
  signal?.throwIfAborted();
  const started = performance.now();
  if (started >= finishBy) {
    return { tokens: [], complete: false, prefill: 0, decode: 0 };
  }
  const reading = await model.read(ids, features);
  const prefilled = performance.now();
  const tokens: number[] = [];
  const end = (kept: number, complete: boolean): Generated => ({
    tokens: tokens.slice(0, kept),
    complete,
    prefill: prefilled - started,
    decode: performance.now() - prefilled,
  });

  try {
    for (;;) {
      await nextTurn();
      signal?.throwIfAborted();
      const token = likeliest(reading.logits, vocabularyEnd, neverSaid);
      if (endTokens.has(token)) {
        return end(tokens.length, true);
      }
      tokens.push(token);
      const kept = onToken?.(tokens);
      if (kept !== undefined) {
        return end(kept, false);
      }
      if (tokens.length >= maxTokens || performance.now() >= finishBy) {
        return end(tokens.length, false);
      }
      await reading.add(token);
    }
  } finally {
    reading.dispose();
  }
}

/**
 * @param logits `[vocabulary]`
 * @param end only tokens below this number count
 * @param except those of them that do not
 * @throws {SessionError} none of them has a score that is a number
 */
export function likeliest(logits: Float32Array, end: number, except?: ReadonlySet<number>): number {
  let best = -1;
  let bestScore = -Infinity;
  for (let token = 0; token < Math.min(end, logits.length); token++) {
    if (logits[token] > bestScore && except?.has(token) !== true) {
      bestScore = logits[token];
      best = token;
    }
  }
  if (best === -1) {
    // All scores are NaN: half precision overflowed, which some exports do.
    throw new SessionError('The decoder gives no numbers; its precision is too low for this checkpoint.');
  }
  return best;
}
