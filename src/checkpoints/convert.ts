import { copyFile, mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { DTYPES_FOR_CARDS, type Dtype } from '../task.js';
import { Checkpoint } from './checkpoint.js';
import { requireSpace } from './disk-space.js';
import { exists } from './files.js';
import { holdFolder } from './folder-lock.js';
import { decoderGraph } from './graphs/decoder.js';
import { embedTokensGraph } from './graphs/embed-tokens.js';
import { maskDecoderGraph } from './graphs/mask-decoder.js';
import { visionEncoderGraph } from './graphs/vision-encoder.js';
import type { GraphBuilder } from './onnx/graph-builder.js';
import { storedBytes, writeModel, writeModelBeside } from './onnx/model-file.js';
import { RECIPES } from './recipes.js';
import { fitsInto } from './same-model.js';
import { explainDiskError, stage } from './staging.js';

export interface ConvertOptions {
  /** A Hugging Face PaliGemma 2 folder: `config.json`, `tokenizer.json`, weights as safetensors. */
  readonly from: string;
  /** Where the result goes. What is there stays, so that one folder can hold several dtypes. */
  readonly to: string;
  readonly dtype: Dtype;
  /** The file `vae-oid.npz`; by default the one of this name in `from`, if there is one. */
  readonly maskDecoder?: string | undefined;
  /** Whether `to` holds an older state of the same model, which makes way where the two can't lie in one folder. */
  readonly isUpdate?: boolean | undefined;
  /** Told, in a sentence each, of what the owner had better know of this checkpoint. */
  readonly onWarning?: ((sentence: string) => void) | undefined;
  /** Adds to the folder before it appears. */
  readonly finish?: ((folder: string) => Promise<void>) | undefined;
  readonly onProgress?: ((progress: ConvertProgress) => void) | undefined;
  /** Ends the conversion with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface ConvertProgress {
  /** The file that is being written. */
  readonly stage: string;
  /** Bytes of all files' weights. */
  readonly done: number;
  readonly total: number;
}

/** By file name. */
interface Graphs {
  readonly withWeights: ReadonlyMap<string, GraphBuilder>;
  /** Graphs that have the weights of one of the others, which is named. */
  readonly beside: ReadonlyMap<string, { readonly graph: GraphBuilder; readonly weightsOf: string }>;
}

/** What an engine reads beside the graphs. */
const SETTINGS = [
  'config.json',
  'generation_config.json',
  'preprocessor_config.json',
  'processor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
];

/**
 * Writes the ONNX folder of a PaliGemma 2 checkpoint, laid out and named as transformers.js has it: the
 * settings (none where `to` is `from`) and in `onnx/` the graphs with their weights beside them.
 *
 * Weights pass through in pieces of megabytes, so memory does not grow with the model. A conversion that fails
 * or is interrupted leaves `to` as it was.
 *
 * @throws {UserError} `from` is not a whole PaliGemma 2 checkpoint, `to` is another model's or another process is at
 *   work on it, or the disk is full or may not be written to
 */
export async function convertCheckpoint(options: ConvertOptions): Promise<void> {
  options.signal?.throwIfAborted();
  try {
    await holdFolder(options.to, () => convertInto(options));
  } catch (error) {
    throw explainDiskError(error, options.to);
  }
}

/** The same for whoever holds `to` already. */
export async function convertInto(options: ConvertOptions): Promise<void> {
  const { from, to, isUpdate = false } = options;
  const checkpoint = await Checkpoint.open(from);
  try {
    const inPlace = (await exists(to)) && (await realpath(from)) === (await realpath(to));
    const replace = !inPlace && !(await fitsInto(from, to));
    if (replace && !isUpdate) {
      throw new UserError(`${to} holds another model: its config.json differs. Choose a new folder.`);
    }
    checkpoint.warnings.forEach((sentence) => options.onWarning?.(sentence));
    const graphs = await makeGraphs(checkpoint, options);
    const fill = async (folder: string): Promise<void> => {
      await requireSpace(folder, totalBytes(graphs.withWeights));
      if (!inPlace) {
        await copySettings(from, folder);
      }
      await mkdir(join(folder, 'onnx'));
      await writeGraphs(join(folder, 'onnx'), graphs, options);
      await options.finish?.(folder);
    };
    await stage(to, fill, { replace });
  } finally {
    await checkpoint.close();
  }
}

async function makeGraphs(
  checkpoint: Checkpoint,
  { from, dtype, maskDecoder }: ConvertOptions,
): Promise<Graphs> {
  const { suffix, vision, embedding, decoder: storage, float } = RECIPES[dtype];
  const decoder = `decoder_model_merged${suffix}.onnx`;
  const graphs = new Map([
    [`vision_encoder${suffix}.onnx`, visionEncoderGraph(checkpoint, vision, float)],
    [`embed_tokens${suffix}.onnx`, embedTokensGraph(checkpoint, embedding)],
    [decoder, decoderGraph(checkpoint, storage, 'growing', float)],
  ]);
  const beside = join(from, 'vae-oid.npz');
  const npz = maskDecoder ?? ((await exists(beside)) ? beside : undefined);
  if (npz !== undefined) {
    graphs.set('mask_decoder.onnx', await maskDecoderGraph(npz));
  }
  const caches = DTYPES_FOR_CARDS.has(dtype) ? (['split'] as const) : (['appended', 'split'] as const);
  return {
    withWeights: graphs,
    beside: new Map(
      caches.map((cache) => [
        `decoder_${cache}_cache${suffix}.onnx`,
        { graph: decoderGraph(checkpoint, storage, cache, float), weightsOf: decoder },
      ]),
    ),
  };
}

async function writeGraphs(
  folder: string,
  { withWeights, beside }: Graphs,
  { onProgress, signal }: ConvertOptions,
): Promise<void> {
  const total = totalBytes(withWeights);
  let done = 0;
  for (const [name, graph] of withWeights) {
    signal?.throwIfAborted();
    await writeModel(join(folder, name), graph, {
      signal,
      onWritten: (bytes) => {
        done += bytes;
        onProgress?.({ stage: name, done, total });
      },
    });
  }
  for (const [name, { graph, weightsOf }] of beside) {
    await writeModelBeside(join(folder, name), graph, join(folder, weightsOf));
  }
}

function totalBytes(graphs: Graphs['withWeights']): number {
  return [...graphs.values()].reduce((sum, graph) => sum + storedBytes(graph), 0);
}

async function copySettings(from: string, to: string): Promise<void> {
  for (const name of SETTINGS) {
    if (await exists(join(from, name))) {
      await copyFile(join(from, name), join(to, name));
    }
  }
}
