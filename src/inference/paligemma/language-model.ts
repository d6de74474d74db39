import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { UserError } from '../../errors.js';
import type { Provider } from '../../task.js';
import type { CheckpointFolder } from './checkpoint-folder.js';
import { toFloat32, toFloatType, type FloatData, type FloatType } from './float16.js';
import type { GenerativeModel, Reading } from './generate.js';
import {
  answerInputName,
  cacheLayoutOf,
  pastKeyValues,
  presentName,
  type CacheLayout,
  type PastKeyValues,
} from './past-key-values.js';
import {
  floatDataOf,
  floatTypeOf,
  integerTensor,
  openSession,
  readAhead,
  runSession,
  specsByName,
  theSpec,
  type SessionOptions,
  type TensorSpec,
} from './sessions.js';
import type { ImageFeatures } from './vision-encoder.js';

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

/** What a language model is opened from. */
export type LanguageModelFiles = Pick<
  CheckpointFolder,
  'embedTokens' | 'decoder' | 'appendedCacheDecoder' | 'layers' | 'keyValueHeads' | 'headSize'
>;

/** Gemma 2: the embeddings of the prompt's words and the decoder. */
export class LanguageModel implements GenerativeModel {
  readonly #embed: InferenceSession;
  /** The same table on the graphics card, for generated tokens: of each, its number alone is sent there. */
  readonly #embedThere: InferenceSession | undefined;
  readonly #idsInput: TensorSpec;
  readonly #embeddingsOutput: string;
  readonly #decoder: InferenceSession;
  readonly #cacheLayout: CacheLayout;
  readonly #furtherInputs: readonly TensorSpec[];
  readonly #embeddingType: FloatType;

  private constructor({ embed, embedThere, decoder }: Sessions, files: LanguageModelFiles) {
    this.#embed = embed;
    this.#embedThere = embedThere;
    this.#idsInput = theSpec(embed.inputMetadata, 'input_ids');
    this.#embeddingsOutput = theSpec(embed.outputMetadata, 'inputs_embeds').name;
    this.#decoder = decoder;
    this.#cacheLayout = cacheLayoutOf(decoder, files);
    this.#embeddingType = floatTypeOf(theSpec(decoder.inputMetadata, 'inputs_embeds'));
    const cacheInputs = this.#cacheLayout.slots.flatMap(({ input }) => [input, answerInputName(input)]);
    const ownInputs = new Set(['inputs_embeds', ...cacheInputs]);
    this.#furtherInputs = [...specsByName(decoder.inputMetadata).values()].filter(
      ({ name }) => !ownInputs.has(name),
    );
    const unknown = this.#furtherInputs.find(({ name }) => !(name in FURTHER_INPUTS));
    if (unknown !== undefined) {
      throw new UserError(`The checkpoint's decoder asks for ${unknown.name}, which Glimpse does not know.`);
    }
  }

  static async open(files: LanguageModelFiles, options: SessionOptions): Promise<LanguageModel> {
    // A prompt's words join the picture's features, which are kept, in the processor's memory.
    const embed = await openSession(files.embedTokens, { ...options, provider: 'cpu' });
    // Whichever graph of the decoder runs, the weights are beside this one.
    await readAhead(files.decoder);
    const decoder = await openSession(decoderFor(files, options.provider), {
      ...options,
      keepOnDevice: range(0, files.layers).flatMap((layer) => [
        presentName(`${layer}.key`),
        presentName(`${layer}.value`),
      ]),
    });
    const embedThere =
      options.provider === 'webgpu' && isTaken(embed, decoder)
        ? await openSession(files.embedTokens, { ...options, keepOnDevice: embed.outputNames })
        : undefined;
    return new LanguageModel({ embed, embedThere, decoder }, files);
  }

  /**
   * Reads a prompt: all of it at once, since every part of it attends to every other.
   *
   * @param ids the prompt, of which the first `features.tokens` are the picture's places
   */
  async read(ids: readonly number[], features: ImageFeatures): Promise<Reading> {
    const words = await this.#embedTokens(ids.slice(features.tokens));
    if (words.length !== (ids.length - features.tokens) * features.hidden) {
      throw new Error("The checkpoint's vision encoder and its embeddings are of different widths.");
    }
    const embeddings = concatenate(features.data, words, this.#embeddingType);
    const past = pastKeyValues(this.#cacheLayout);
    const hidden = [1, ids.length, features.hidden];
    const reading = {
      logits: await this.#decode(past, new Tensor(this.#embeddingType, embeddings, hidden)),
      add: async (token: number): Promise<void> => {
        const embedding = await this.#embedToken(token);
        reading.logits = await this.#decode(past, embedding);
        embedding.dispose();
      },
      dispose: (): void => {
        past.dispose();
      },
    };
    return reading;
  }

  /** The features of a picture of one place at which there is nothing: the shortest prompt begins with them. */
  async blankPlace(): Promise<ImageFeatures> {
    const { length: hidden } = await this.#embedTokens([0]);
    return { data: new Float32Array(hidden), tokens: 1, hidden };
  }

  async close(): Promise<void> {
    await this.#embed.release();
    await this.#embedThere?.release();
    await this.#decoder.release();
  }

  /** @returns `[ids.length, hidden]` */
  async #embedTokens(ids: readonly number[]): Promise<FloatData> {
    return floatDataOf(await this.#lookUp(this.#embed, ids));
  }

  /** @returns `[1, 1, hidden]`, where the decoder computes */
  async #embedToken(token: number): Promise<Tensor> {
    if (this.#embedThere !== undefined) {
      return this.#lookUp(this.#embedThere, [token]);
    }
    const embedding = toFloatType(await this.#embedTokens([token]), this.#embeddingType);
    return new Tensor(this.#embeddingType, embedding, [1, 1, embedding.length]);
  }

  async #lookUp(embed: InferenceSession, ids: readonly number[]): Promise<Tensor> {
    const outputs = await runSession(embed, {
      [this.#idsInput.name]: integerTensor(this.#idsInput, ids, [1, ids.length]),
    });
    return outputs[this.#embeddingsOutput];
  }

  /**
   * @param embeddings `[1, count, hidden]`
   * @returns `[vocabulary]`: the scores of what may follow the last of them
   */
  async #decode(past: PastKeyValues, embeddings: Tensor): Promise<Float32Array> {
    const count = embeddings.dims[1];
    const furtherInputs = this.#furtherInputs.map(
      (spec) => [spec.name, FURTHER_INPUTS[spec.name](spec, past.length, count)] as const,
    );
    const outputs = await runSession(this.#decoder, {
      ...past.feeds,
      ...Object.fromEntries(furtherInputs),
      inputs_embeds: embeddings,
    });
    past.accept(outputs, count);
    const logits = floatDataOf(outputs.logits);
    // Some exports score every position, which for a prompt is a gigabyte: a copy of the last lets go of the rest.
    const vocabulary = outputs.logits.dims.at(-1) ?? 0;
    return toFloat32(logits.slice(logits.length - vocabulary));
  }
}

interface Sessions {
  readonly embed: InferenceSession;
  readonly embedThere: InferenceSession | undefined;
  readonly decoder: InferenceSession;
}

/** Exports may have embeddings of one float type and a decoder that takes another. */
function isTaken(embed: InferenceSession, decoder: InferenceSession): boolean {
  const given = floatTypeOf(theSpec(embed.outputMetadata, 'inputs_embeds'));
  return given === floatTypeOf(theSpec(decoder.inputMetadata, 'inputs_embeds'));
}

/** Where the cache lies in the processor's memory, the decoder that spares copying it; else the one that grows it. */
function decoderFor({ decoder, appendedCacheDecoder }: LanguageModelFiles, provider: Provider): string {
  return provider === 'cpu' && appendedCacheDecoder !== undefined ? appendedCacheDecoder : decoder;
}

function concatenate(image: FloatData, words: FloatData, type: FloatType): FloatData {
  const length = image.length + words.length;
  const whole = type === 'float16' ? new Uint16Array(length) : new Float32Array(length);
  whole.set(toFloatType(image, type));
  whole.set(toFloatType(words, type), image.length);
  return whole;
}

function range(start: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => start + i);
}
