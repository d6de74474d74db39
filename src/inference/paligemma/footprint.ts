import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { explainReadError } from '../../file-errors.js';
import { DTYPES, type Dtype } from '../../task.js';
import { describeCheckpoint, storedDtypes } from './checkpoint-folder.js';
import { cardMemory, workspaceMemory, PROCESS, tokenizerMemory } from './memory.js';

/** What a checkpoint folder takes of a machine's memory with one of its dtypes. Bytes. */
export interface Footprint {
  /** Undefined where the folder's decoder has none of the dtypes that can be asked for. */
  readonly dtype: Dtype | undefined;
  /** The weights of the vision encoder and the decoder, where these compute. */
  readonly weights: number;
  /** What the process takes beside the weights where the processor computes: itself, the tokenizer, and its passes. */
  readonly workspace: number;
  /** The table of embeddings; mapped and not loaded on the processor, where a few of its rows are read. */
  readonly embeddings: number;
  /** All that lies on a graphics card where that computes; undefined: the three above. */
  readonly onCard?: number;
}

/** Weights of 16 bits are computed with as 32 bits. */
const GROWTH_OF_FP16 = 2;

/**
 * The footprint of each dtype that a folder has its decoder in, or of the one it has where that is none of ours.
 *
 * @throws {UserError} the folder is no checkpoint that Glimpse runs
 */
export async function footprintsOf(folder: string): Promise<Footprint[]> {
  await describeCheckpoint(folder);
  const stored: Dtype[] = [];
  for (const dtype of DTYPES) {
    if ((await storedDtypes(folder, dtype)).decoder_model_merged === dtype) {
      stored.push(dtype);
    }
  }
  return Promise.all((stored.length > 0 ? stored : [undefined]).map((dtype) => footprintOf(folder, dtype)));
}

async function footprintOf(folder: string, dtype: Dtype | undefined): Promise<Footprint> {
  const checkpoint = await describeCheckpoint(folder, dtype);
  const { visionEncoder, decoder, embedTokens } = checkpoint;
  const growth = dtype === 'fp16' ? GROWTH_OF_FP16 : 1;
  const weights = growth * ((await bytesOfGraph(visionEncoder)) + (await bytesOfGraph(decoder)));
  const embeddings = await bytesOfGraph(embedTokens);
  const tokenizer = tokenizerMemory(await bytesOf(join(folder, 'tokenizer.json')));
  return {
    dtype,
    weights,
    workspace: PROCESS + tokenizer + workspaceMemory(checkpoint, embeddings),
    embeddings,
    onCard: cardMemory(checkpoint, { weights, inHalves: dtype === 'q4f16' }),
  };
}

/** A graph's file and those of its weights beside it, `.onnx_data`, `.onnx_data_1`. */
async function bytesOfGraph(file: string): Promise<number> {
  const folder = dirname(file);
  const files = (await readdir(folder)).filter((name) => name.startsWith(basename(file)));
  const sizes = await Promise.all(files.map((name) => bytesOf(join(folder, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function bytesOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    throw explainReadError(error, file);
  }
}
