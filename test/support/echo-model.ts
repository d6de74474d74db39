import { LocalInference } from '../../src/inference/local-inference.js';
import type { GenerativeModel, Reading } from '../../src/inference/paligemma/generate.js';
import type { ImageFeatures } from '../../src/inference/paligemma/vision-encoder.js';
import type { PromptTokenizer } from '../../src/inference/paligemma/tokenizer.js';
import { scriptedEngine } from './scripted-model.js';
import { answerTokens, tinyTokenizer } from './tiny-tokenizer.js';
import { imageFeatures } from './image-features.js';

/** Where it says that everything is. */
const BOX = '<loc0100><loc0200><loc0800><loc0900>';

/** The most obedient model there can be: it answers with the words that it was asked, and finds every object. */
class EchoModel implements GenerativeModel {
  readonly #tokenizer: PromptTokenizer;

  constructor(tokenizer: PromptTokenizer) {
    this.#tokenizer = tokenizer;
  }

  read(ids: readonly number[]): Promise<Reading> {
    const answer = answerTokens(this.#tokenizer, answerTo(this.#tokenizer.decode(ids).trim()));
    let position = 0;
    const scores = (): Float32Array => {
      const logits = new Float32Array(this.#tokenizer.imageTokenId + 1);
      logits[answer[Math.min(position, answer.length - 1)]] = 1;
      return logits;
    };
    const reading = {
      logits: scores(),
      add: (): Promise<void> => {
        position++;
        reading.logits = scores();
        return Promise.resolve();
      },
      dispose: (): void => undefined,
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

function answerTo(prompt: string): string {
  const objects = /^(?:detect|segment) (.*)$/s.exec(prompt)?.[1];
  if (objects !== undefined) {
    return objects
      .split(' ; ')
      .map((name) => `${BOX} ${name}`)
      .join(' ; ');
  }
  return prompt.replace(/^answer \w+ /, '');
}

/** Inference with all of its parts but the model's graphs, in whose place somebody repeats what they hear. */
export function echoInference(): LocalInference {
  const tokenizer = tinyTokenizer();
  const { engine } = scriptedEngine([], { tokenizer, languageModel: new EchoModel(tokenizer) });
  return new LocalInference(engine);
}
