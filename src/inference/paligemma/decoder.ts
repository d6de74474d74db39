import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { UserError } from '../../errors.js';
import { toFloat32, toFloatType, type FloatData, type FloatType } from './float16.js';
import {
  answerInputName,
  cacheLayoutOf,
  pastKeyValues,
  type CacheLayout,
  type CacheSizes,
  type PastKeyValues,
} from './past-key-values.js';
import {
  floatDataOf,
  floatTypeOf,
  integerTensor,
  range,
  runSession,
  specsByName,
  theSpec,
  type TensorSpec,
} from './sessions.js';
import type { ImageFeatures } from './vision-encoder.js';

/** A language model's layers, and the head behind them. */
export interface Decoder {
  /**
   * Reads a prompt: all of it at once, since every part of it attends to every other.
   *
   * @param words `[words, hidden]`: the embeddings of what follows the picture
   */
  read(features: ImageFeatures, words: FloatData): Promise<DecoderReading>;
  close(): Promise<void>;
}

/** What a decoder has read, and remembers. */
export interface DecoderReading {
  /** `[vocabulary]`: the scores of the tokens that may follow. */
  readonly logits: Float32Array;
  /** @param embedding `[hidden]`: of the token that follows */
  add(embedding: FloatData): Promise<void>;
  dispose(): void;
}

/** What a decoder may ask for besides the embeddings and its cache, and what it then gets. */
const FURTHER_INPUTS: Readonly<Record<string, (spec: TensorSpec, past: number, count: number) => Tensor>> = {
  // From 1, as the reference counts.
  position_ids: (spec, past, count) => integerTensor(spec, range(past + 1, count), [1, count]),
  attention_mask: (spec, past, count) =>
    integerTensor(spec, new Array<number>(past + count).fill(1), [1, past + count]),
  // All that is read at once is the prompt, which is of one type.
  token_type_ids: (spec, _past, count) => integerTensor(spec, new Array<number>(count).fill(0), [1, count]),
  num_logits_to_keep: (spec) => integerTensor(spec, [1], spec.shape.length === 0 ? [] : [1]),
};

/** A decoder that takes the picture's features and the words as one sequence. */
export class SequenceDecoder implements Decoder {
  readonly #session: InferenceSession;
  readonly #cacheLayout: CacheLayout;
  readonly #furtherInputs: readonly TensorSpec[];
  readonly #embeddingType: FloatType;

  /** @throws {UserError} the graph asks for something that Glimpse does not know, or has no cache */
  constructor(session: InferenceSession, sizes: CacheSizes) {
    this.#session = session;
    this.#cacheLayout = cacheLayoutOf(session, sizes);
    this.#embeddingType = floatTypeOf(theSpec(session.inputMetadata, 'inputs_embeds'));
    const cacheInputs = this.#cacheLayout.slots.flatMap(({ input }) => [input, answerInputName(input)]);
    const ownInputs = new Set(['inputs_embeds', ...cacheInputs]);
    this.#furtherInputs = [...specsByName(session.inputMetadata).values()].filter(
      ({ name }) => !ownInputs.has(name),
    );
    const unknown = this.#furtherInputs.find(({ name }) => !(name in FURTHER_INPUTS));
    if (unknown !== undefined) {
      throw new UserError(`The checkpoint's decoder asks for ${unknown.name}, which Glimpse does not know.`);
    }
  }

  async read(features: ImageFeatures, words: FloatData): Promise<DecoderReading> {
    const embeddings = concatenated(floatDataOf(features.values), words, this.#embeddingType);
    const { hidden } = features;
    const past = pastKeyValues(this.#cacheLayout);
    const tensorOf = (values: FloatData): Tensor =>
      new Tensor(this.#embeddingType, values, [1, values.length / hidden, hidden]);
    const reading = {
      logits: await this.#run(past, tensorOf(embeddings)),
      add: async (embedding: FloatData): Promise<void> => {
        reading.logits = await this.#run(past, tensorOf(toFloatType(embedding, this.#embeddingType)));
      },
      dispose: (): void => {
        past.dispose();
      },
    };
    return reading;
  }

  async close(): Promise<void> {
    await this.#session.release();
  }

  /**
   * @param embeddings `[1, count, hidden]`
   * @returns `[vocabulary]`: the scores of what may follow the last of them
   */
  async #run(past: PastKeyValues, embeddings: Tensor): Promise<Float32Array> {
    const count = embeddings.dims[1];
    const furtherInputs = this.#furtherInputs.map(
      (spec) => [spec.name, FURTHER_INPUTS[spec.name](spec, past.length, count)] as const,
    );
    const outputs = await runSession(this.#session, {
      ...past.feeds,
      ...Object.fromEntries(furtherInputs),
      inputs_embeds: embeddings,
    });
    past.accept(outputs, count);
    return lastLogits(outputs.logits);
  }
}

/**
 * The scores of the last position. Some exports score every position, which for a prompt is a gigabyte: a copy of the
 * last lets go of the rest.
 */
export function lastLogits(logits: Tensor): Float32Array {
  const scores = floatDataOf(logits);
  const vocabulary = logits.dims.at(-1) ?? 0;
  return toFloat32(scores.slice(scores.length - vocabulary));
}

function concatenated(image: FloatData, words: FloatData, type: FloatType): FloatData {
  const length = image.length + words.length;
  const whole = type === 'float16' ? new Uint16Array(length) : new Float32Array(length);
  whole.set(toFloatType(image, type));
  whole.set(toFloatType(words, type), image.length);
  return whole;
}
