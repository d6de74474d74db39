import { Tensor, type InferenceSession } from 'onnxruntime-node';
import type { CheckpointFolder } from './checkpoint-folder.js';
import { SequenceDecoder, type Decoder } from './decoder.js';
import type { FloatData } from './float16.js';
import type { GenerativeModel, Reading } from './generate.js';
import { cacheOutputs } from './past-key-values.js';
import {
  floatDataOf,
  integerTensor,
  openSession,
  readAhead,
  runSession,
  theSpec,
  type SessionOptions,
  type TensorSpec,
} from './sessions.js';
import { SplitDecoder } from './split-decoder.js';
import type { ImageFeatures } from './vision-encoder.js';

/** What a language model is opened from. */
export type LanguageModelFiles = Pick<
  CheckpointFolder,
  | 'embedTokens'
  | 'decoder'
  | 'appendedCacheDecoder'
  | 'splitCacheDecoder'
  | 'layers'
  | 'keyValueHeads'
  | 'headSize'
>;

/** Gemma 2: the embeddings of the prompt's words and the decoder. */
export class LanguageModel implements GenerativeModel {
  readonly #embed: InferenceSession;
  readonly #idsInput: TensorSpec;
  readonly #embeddingsOutput: string;
  readonly #decoder: Decoder;

  private constructor(embed: InferenceSession, decoder: Decoder) {
    this.#embed = embed;
    this.#idsInput = theSpec(embed.inputMetadata, 'input_ids');
    this.#embeddingsOutput = theSpec(embed.outputMetadata, 'inputs_embeds').name;
    this.#decoder = decoder;
  }

  static async open(files: LanguageModelFiles, options: SessionOptions): Promise<LanguageModel> {
    // A few rows of a table of half a gigabyte: a graphics card would have to hold all of it for them.
    const embed = await openSession(files.embedTokens, { ...options, provider: 'cpu' });
    // Whichever graph of the decoder runs, the weights are beside this one.
    await readAhead(files.decoder);
    const graph = decoderFor(files, options);
    const decoder = await openSession(graph, {
      ...options,
      keepOnDevice: cacheOutputs(files.layers, graph === files.splitCacheDecoder),
    });
    return new LanguageModel(
      embed,
      SplitDecoder.runs(decoder)
        ? await SplitDecoder.open(decoder, files)
        : new SequenceDecoder(decoder, files),
    );
  }

  /** @param ids the prompt, of which the first `features.tokens` are the picture's places */
  async read(ids: readonly number[], features: ImageFeatures): Promise<Reading> {
    const words = await this.#embedTokens(ids.slice(features.tokens));
    if (words.length !== (ids.length - features.tokens) * features.hidden) {
      throw new Error("The checkpoint's vision encoder and its embeddings are of different widths.");
    }
    const read = await this.#decoder.read(features, words);
    return {
      get logits() {
        return read.logits;
      },
      add: async (token) => read.add(await this.#embedTokens([token])),
      dispose: () => {
        read.dispose();
      },
    };
  }

  /** The features of a picture of one place at which there is nothing: the shortest prompt begins with them. */
  async blankPlace(): Promise<ImageFeatures> {
    const { length: hidden } = await this.#embedTokens([0]);
    const values = new Tensor('float32', new Float32Array(hidden), [1, 1, hidden]);
    return { values, tokens: 1, hidden };
  }

  async close(): Promise<void> {
    await this.#embed.release();
    await this.#decoder.close();
  }

  /** @returns `[ids.length, hidden]` */
  async #embedTokens(ids: readonly number[]): Promise<FloatData> {
    const outputs = await runSession(this.#embed, {
      [this.#idsInput.name]: integerTensor(this.#idsInput, ids, [1, ids.length]),
    });
    return floatDataOf(outputs[this.#embeddingsOutput]);
  }
}

/** The decoder whose cache lies best where it computes; of folders that are not ours, the one that they have. */
function decoderFor(
  { decoder, appendedCacheDecoder, splitCacheDecoder }: LanguageModelFiles,
  { provider }: SessionOptions,
): string {
  return (provider === 'cpu' ? appendedCacheDecoder : splitCacheDecoder) ?? decoder;
}

/** Whether the decoder takes a picture's features where they are computed, in a graphics card's memory. */
export function takesFeaturesOnCard(
  files: Pick<LanguageModelFiles, 'splitCacheDecoder'>,
  { provider }: SessionOptions,
): boolean {
  return provider === 'webgpu' && files.splitCacheDecoder !== undefined;
}
