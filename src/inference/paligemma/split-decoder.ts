import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { lastLogits, type Decoder, type DecoderReading } from './decoder.js';
import { toFloat32, type FloatData, type FloatType } from './float16.js';
import { answerInputName, currentName, isCacheInput, type CacheSizes } from './past-key-values.js';
import { floatTensor, floatTypeOf, range, runSession, specsByName, theSpec } from './sessions.js';
import type { ImageFeatures } from './vision-encoder.js';

/** A prompt's places are a multiple of it: a card's products are several times as slow where lengths are odd. */
const STEP = 64;
/** Hidden places that stand in for the past of a prompt, which has none. */
const NO_PAST = STEP;
const HIDDEN = { float32: -Infinity, float16: 0xfc00 } as const;

/** One cache tensor: keys lie turned. */
interface Slot {
  readonly input: string;
  readonly output: string;
  /** @returns the dimensions of so many places */
  readonly dims: (places: number) => number[];
}

/** By the names of the inputs. */
type Feeds = Readonly<Record<string, Tensor>>;

/** What is remembered of a prompt, and of the answer to it. */
interface Memory {
  /** Places of the prompt, those that only fill up its last group among them. */
  readonly places: number;
  /** Of them, those that hold something. */
  readonly length: number;
  readonly prompt: readonly Tensor[];
  readonly answer: readonly Tensor[];
  readonly answerLength: number;
}

/**
 * Our own converter's decoder for graphics cards. What is created, copied or sent to a card for each token counts there
 * more than what is computed: so the picture's features and the prompt's keys and values stay where they were computed,
 * and a prompt is filled up to lengths that a card is fast with.
 */
export class SplitDecoder implements Decoder {
  readonly #session: InferenceSession;
  readonly #slots: readonly Slot[];
  readonly #type: FloatType;
  #noPast: readonly Tensor[] = [];

  private constructor(session: InferenceSession, { keyValueHeads, headSize }: CacheSizes) {
    this.#session = session;
    const inputs = [...specsByName(session.inputMetadata).values()].filter(({ name }) => isCacheInput(name));
    this.#type = floatTypeOf(inputs[0]);
    this.#slots = inputs.map(({ name }) => ({
      input: name,
      output: currentName(name),
      dims: (places) =>
        name.endsWith('.key') ? [1, keyValueHeads, headSize, places] : [1, keyValueHeads, places, headSize],
    }));
    this.#noPast = this.#zeros(NO_PAST);
  }

  /**
   * Reads a word of zeros, once: what comes of it stands in for the past of each prompt. To send zeros to the card anew for
   * each prompt takes longer than half of its layers.
   *
   * @throws {SessionError} the graph can't be run
   */
  static async open(session: InferenceSession, sizes: CacheSizes): Promise<SplitDecoder> {
    const decoder = new SplitDecoder(session, sizes);
    const hidden = Number(theSpec(session.inputMetadata, 'inputs_embeds').shape[2]);
    const values = new Tensor('float32', new Float32Array(hidden), [1, 1, hidden]);
    const { memory } = await decoder.#readPrompt({ values, tokens: 1, hidden }, new Float32Array(hidden));
    decoder.#noPast = memory.prompt;
    return decoder;
  }

  /** Whether a session is one of such a graph. */
  static runs(session: Pick<InferenceSession, 'inputNames'>): boolean {
    return session.inputNames.includes('place_counts');
  }

  async read(features: ImageFeatures, words: FloatData): Promise<DecoderReading> {
    const { hidden } = features;
    let { logits, memory } = await this.#readPrompt(features, toFloat32(words));
    const reading = {
      logits,
      add: async (embedding: FloatData): Promise<void> => {
        ({ logits, memory } = await this.#readToken(memory, toFloat32(embedding), hidden));
        reading.logits = logits;
      },
      dispose: (): void => {
        disposeOf([...memory.prompt, ...memory.answer]);
      },
    };
    return reading;
  }

  async close(): Promise<void> {
    disposeOf(this.#noPast);
    await this.#session.release();
  }

  async #readPrompt(features: ImageFeatures, words: Float32Array): Promise<Step> {
    const { hidden, tokens } = features;
    const length = tokens + words.length / hidden;
    const places = Math.ceil(length / STEP) * STEP;
    const filled = filledUp(words, hidden, places - length);
    const outputs = await runSession(this.#session, {
      ...this.#cacheFeeds(this.#noPast, this.#zeros(0)),
      image_features: features.values,
      inputs_embeds: new Tensor('float32', filled, [1, places - tokens, hidden]),
      position_ids: int64(range(1, places), [1, places]),
      last_position: int64([length - 1], [1]),
      hidden_places: this.#hiddenPlaces([
        { count: NO_PAST, shown: 0 },
        { count: places, shown: length },
      ]),
      place_counts: int64([NO_PAST, places], [2]),
    });
    const prompt = this.#slots.map(({ output }) => outputs[output]);
    return {
      logits: lastLogits(outputs.logits),
      memory: { places, length, prompt, answer: this.#zeros(0), answerLength: 0 },
    };
  }

  async #readToken(memory: Memory, embedding: Float32Array, hidden: number): Promise<Step> {
    const { places, length, prompt, answer } = memory;
    const answerLength = memory.answerLength + 1;
    const outputs = await runSession(this.#session, {
      ...this.#cacheFeeds(prompt, answer),
      image_features: new Tensor('float32', new Float32Array(0), [1, 0, hidden]),
      inputs_embeds: new Tensor('float32', embedding, [1, 1, hidden]),
      position_ids: int64([length + answerLength], [1, 1]),
      last_position: int64([0], [1]),
      hidden_places: this.#hiddenPlaces([
        { count: places, shown: length },
        { count: answerLength, shown: answerLength },
      ]),
      place_counts: int64([places, answerLength], [2]),
    });
    disposeOf(answer);
    return {
      logits: lastLogits(outputs.logits),
      memory: { ...memory, answer: this.#slots.map(({ output }) => outputs[output]), answerLength },
    };
  }

  #cacheFeeds(prompt: readonly Tensor[], answer: readonly Tensor[]): Feeds {
    return Object.fromEntries(
      this.#slots.flatMap(({ input }, i) => [
        [input, prompt[i]],
        [answerInputName(input), answer[i]],
      ]),
    );
  }

  #zeros(places: number): Tensor[] {
    return this.#slots.map(({ dims }) => floatTensor(this.#type, dims(places)));
  }

  /** Zeros, and behind those that are shown of each part minus infinity. */
  #hiddenPlaces(parts: readonly { readonly count: number; readonly shown: number }[]): Tensor {
    const hidden = parts.flatMap(({ count, shown }) =>
      Array.from({ length: count }, (_, place) => (place < shown ? 0 : HIDDEN[this.#type])),
    );
    const data = this.#type === 'float16' ? Uint16Array.from(hidden) : Float32Array.from(hidden);
    return new Tensor(this.#type, data, [hidden.length]);
  }
}

interface Step {
  readonly logits: Float32Array;
  readonly memory: Memory;
}

/** What fills up is the last word's embedding, which is as good as any number: nothing attends to it. */
function filledUp(words: Float32Array, hidden: number, count: number): Float32Array {
  const filled = new Float32Array(words.length + count * hidden);
  filled.set(words);
  const last = words.subarray(words.length - hidden);
  for (let at = words.length; at < filled.length; at += hidden) {
    filled.set(last, at);
  }
  return filled;
}

function int64(values: readonly number[], dims: readonly number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
}

function disposeOf(tensors: readonly Tensor[]): void {
  for (const tensor of tensors) {
    tensor.dispose();
  }
}
