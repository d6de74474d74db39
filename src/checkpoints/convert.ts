import { access, copyFile, mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dtype } from '../task.js';
import { Checkpoint } from './checkpoint.js';
import { decoderGraph } from './graphs/decoder.js';
import { embedTokensGraph } from './graphs/embed-tokens.js';
import type { Storage } from './graphs/layers.js';
import { visionEncoderGraph } from './graphs/vision-encoder.js';
import type { GraphBuilder } from './onnx/graph-builder.js';
import { storedBytes, writeModel } from './onnx/model-file.js';
import { stage } from './staging.js';

export interface ConvertOptions {
  /** A Hugging Face PaliGemma 2 folder. */
  readonly from: string;
  /** Where the result goes; the same folder adds `onnx/` to it. */
  readonly to: string;
  readonly dtype: Dtype;
  readonly onProgress?: (progress: ConvertProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface ConvertProgress {
  /** The graph whose weights are being written. */
  readonly stage: string;
  /** Bytes of all graphs' weights. */
  readonly done: number;
  readonly total: number;
}

/** How each graph's matrices are stored. */
interface Recipe {
  /** What transformers.js marks the files' names with. */
  readonly suffix: string;
  readonly vision: Storage;
  readonly embedding: Storage;
  readonly layers: Storage;
  readonly head: Storage;
}

const RECIPES: Readonly<Record<Dtype, Recipe>> = {
  fp32: { suffix: '', vision: 'float32', embedding: 'float32', layers: 'float32', head: 'float32' },
  fp16: { suffix: '_fp16', vision: 'float16', embedding: 'float16', layers: 'float16', head: 'float16' },
  q8: {
    suffix: '_quantized',
    vision: { bits: 8 },
    embedding: { bits: 8 },
    layers: { bits: 8 },
    head: { bits: 8 },
  },
  q4: { suffix: '_q4', vision: { bits: 8 }, embedding: { bits: 8 }, layers: { bits: 4 }, head: { bits: 8 } },
};

const COPIED = [
  'config.json',
  'generation_config.json',
  'preprocessor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
];

export async function convertCheckpoint(options: ConvertOptions): Promise<void> {
  const { from, to, dtype, signal } = options;
  signal?.throwIfAborted();
  const checkpoint = await Checkpoint.open(from);
  try {
    await stage(to, async (folder) => {
      if (!(await sameFolder(from, to))) {
        await copySettings(from, folder);
      }
      await mkdir(join(folder, 'onnx'));
      await writeGraphs(join(folder, 'onnx'), graphsOf(checkpoint, RECIPES[dtype]), options);
    });
  } finally {
    await checkpoint.close();
  }
}

function graphsOf(checkpoint: Checkpoint, recipe: Recipe): ReadonlyMap<string, GraphBuilder> {
  const { suffix, vision, embedding, layers, head } = recipe;
  return new Map([
    [`vision_encoder${suffix}.onnx`, visionEncoderGraph(checkpoint, vision)],
    [`embed_tokens${suffix}.onnx`, embedTokensGraph(checkpoint, embedding)],
    [`decoder_model_merged${suffix}.onnx`, decoderGraph(checkpoint, { layers, head })],
  ]);
}

async function writeGraphs(
  folder: string,
  graphs: ReadonlyMap<string, GraphBuilder>,
  { onProgress, signal }: ConvertOptions,
): Promise<void> {
  const total = [...graphs.values()].reduce((sum, graph) => sum + storedBytes(graph), 0);
  let done = 0;
  for (const [name, graph] of graphs) {
    await writeModel(join(folder, name), graph, {
      signal,
      onWritten: (bytes) => {
        done += bytes;
        onProgress?.({ stage: name, done, total });
      },
    });
  }
}

async function copySettings(from: string, to: string): Promise<void> {
  for (const name of COPIED) {
    if (await exists(join(from, name))) {
      await copyFile(join(from, name), join(to, name));
    }
  }
}

async function sameFolder(a: string, b: string): Promise<boolean> {
  return (await exists(b)) && (await realpath(a)) === (await realpath(b));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
