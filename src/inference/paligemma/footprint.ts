import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DTYPES, type Dtype } from '../../task.js';
import { openCheckpointFolder, storedDtypes, type CheckpointFolder } from './checkpoint-folder.js';

/** What a checkpoint folder takes of a machine's memory with one of its dtypes. Bytes. */
export interface Footprint {
  /** Undefined where the folder's decoder has none of the dtypes that can be asked for. */
  readonly dtype: Dtype | undefined;
  /** The weights of the vision encoder and the decoder, where these compute. */
  readonly weights: number;
  /** What passes need beside the weights, in the same place: the cache, and what a prompt's pass keeps for a moment. */
  readonly workspace: number;
  /** The table of embeddings; mapped and not loaded on the processor, where a few of its rows are read. */
  readonly embeddings: number;
}

const BYTES_OF_FLOAT = 4;
/** Weights of 16 bits are computed with as 32 bits. */
const GROWTH_OF_FP16 = 2;
/** Of the process itself and its libraries. */
const PROCESS = 150e6;

/**
 * The footprint of each dtype that a folder has its decoder in, or of the one it has where that is none of ours.
 *
 * @throws {UserError} the folder is no checkpoint that Glimpse runs
 */
export async function footprintsOf(folder: string): Promise<Footprint[]> {
  await openCheckpointFolder(folder);
  const stored: Dtype[] = [];
  for (const dtype of DTYPES) {
    if ((await storedDtypes(folder, dtype)).decoder_model_merged === dtype) {
      stored.push(dtype);
    }
  }
  return Promise.all((stored.length > 0 ? stored : [undefined]).map((dtype) => footprintOf(folder, dtype)));
}

async function footprintOf(folder: string, dtype: Dtype | undefined): Promise<Footprint> {
  const checkpoint = await openCheckpointFolder(folder, dtype);
  const { visionEncoder, decoder, embedTokens } = checkpoint;
  const growth = dtype === 'fp16' ? GROWTH_OF_FP16 : 1;
  return {
    dtype,
    weights: growth * ((await bytesOfGraph(visionEncoder)) + (await bytesOfGraph(decoder))),
    workspace: workspaceOf(checkpoint),
    embeddings: await bytesOfGraph(embedTokens),
  };
}

/** A prompt's keys and values, and of the layer that is running its scores and what its perceptron widens. */
function workspaceOf(checkpoint: CheckpointFolder): number {
  const { pictureTokens, layers, keyValueHeads, headSize, attentionHeads, intermediateSize } = checkpoint;
  const cache = 2 * layers * keyValueHeads * headSize;
  const scores = 2 * attentionHeads * pictureTokens;
  const widened = 3 * intermediateSize;
  return PROCESS + BYTES_OF_FLOAT * pictureTokens * (cache + scores + widened);
}

/** A graph's file and those of its weights beside it, `.onnx_data`, `.onnx_data_1`. */
async function bytesOfGraph(file: string): Promise<number> {
  const folder = dirname(file);
  const files = (await readdir(folder)).filter((name) => name.startsWith(basename(file)));
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
