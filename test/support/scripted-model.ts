import type { GenerativeModel, Reading } from '../../src/inference/paligemma/generate.js';
import { PaliGemma, type EngineParts } from '../../src/inference/paligemma/engine.js';
import type { ImageFeatures } from '../../src/inference/paligemma/vision-encoder.js';
import type { PromptTokenizer } from '../../src/inference/paligemma/tokenizer.js';
import { answerTokens, tinyTokenizer } from './tiny-tokenizer.js';
import { imageFeatures } from './image-features.js';

const IMAGE_TOKENS = 4;

/** A model that says what it is told to, token by token, and remembers what it was asked. */
export class ScriptedModel implements GenerativeModel {
  /** Prompts read, as text. */
  readonly prompts: string[] = [];
  /** Tokens scored after a prompt, over all prompts. */
  steps = 0;
  disposed = 0;
  readonly #tokenizer: PromptTokenizer;
  readonly #answers: (readonly number[])[];

  /** @param answers one for each prompt, in order; an answer without an end goes on for ever in a circle */
  constructor(tokenizer: PromptTokenizer, answers: readonly (string | readonly number[])[]) {
    this.#tokenizer = tokenizer;
    this.#answers = answers.map((answer) =>
      typeof answer === 'string' ? answerTokens(tokenizer, answer) : answer,
    );
  }

  read(ids: readonly number[]): Promise<Reading> {
    this.prompts.push(this.#tokenizer.decode(ids).trim());
    const answer = this.#answers[this.prompts.length - 1];
    let position = 0;
    const scores = (): Float32Array => {
      const logits = new Float32Array(this.#tokenizer.imageTokenId + 8);
      logits[answer[position % answer.length]] = 1;
      // What may never be said is always the likeliest.
      logits[this.#tokenizer.imageTokenId] = 2;
      logits[logits.length - 1] = 3;
      return logits;
    };
    const reading = {
      logits: scores(),
      add: (): Promise<void> => {
        position++;
        this.steps++;
        reading.logits = scores();
        return Promise.resolve();
      },
      dispose: (): void => {
        this.disposed++;
      },
    };
    return Promise.resolve(reading);
  }

  blankPlace(): Promise<ImageFeatures> {
    return Promise.resolve(imageFeatures(new Float32Array(1), 1, 1));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** An engine with all of its parts but the model's graphs, in whose place stands a script. */
export function scriptedEngine(
  answers: readonly (string | readonly number[])[],
  parts: Partial<EngineParts> = {},
): { readonly engine: PaliGemma; readonly model: ScriptedModel; readonly looks: () => number } {
  const tokenizer = tinyTokenizer();
  const model = new ScriptedModel(tokenizer, answers);
  let looks = 0;
  const engine = new PaliGemma({
    preprocessing: {
      size: { width: 8, height: 8 },
      rescaleFactor: 1 / 255,
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
    },
    positions: 8192,
    tokenizer,
    endTokens: new Set([tokenizer.idOf('<eos>')]),
    visionEncoder: {
      encode: () => {
        looks++;
        return Promise.resolve(imageFeatures(new Float32Array(IMAGE_TOKENS), IMAGE_TOKENS, 1));
      },
      close: () => Promise.resolve(),
    },
    languageModel: model,
    maskDecoder: {
      decode: (codes) =>
        Promise.resolve({ width: 4, height: 4, values: new Float32Array(16).fill(codes[0] === 0 ? -1 : 1) }),
      close: () => Promise.resolve(),
    },
    ...parts,
  });
  return { engine, model, looks: () => looks };
}
