import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.js';
import { explainReadError, isMissing } from '../../file-errors.js';
import { DTYPES, type Dtype } from '../../task.js';
import type { Preprocessing } from './pixel-values.js';

/** What a folder says of its model, and where its graphs are. */
export interface CheckpointDescription {
  readonly preprocessing: Preprocessing;
  /** Tokens that a picture becomes. */
  readonly pictureTokens: number;
  /** Tokens that a prompt and its answer may have together. */
  readonly positions: number;
  /** The decoder's layers, by the configuration. */
  readonly layers: number;
  readonly attentionHeads: number;
  readonly intermediateSize: number;
  readonly visionHeads: number;
  readonly visionIntermediateSize: number;
  /** Of each layer's cache, where the decoder's own inputs do not say. */
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly imageTokenId: number | undefined;
  /** Tokens that end an answer; empty where the configuration names none. */
  readonly endTokenIds: readonly number[];
  /** Files of the ONNX graphs; `maskDecoder` is undefined where the folder has none. */
  readonly visionEncoder: string;
  readonly embedTokens: string;
  readonly decoder: string;
  /** Another graph with the decoder's weights, which our own converter adds; see `AppendedKeyValues`. */
  readonly appendedCacheDecoder: string | undefined;
  /** Another, for graphics cards; see `SplitDecoder`. */
  readonly splitCacheDecoder: string | undefined;
  readonly maskDecoder: string | undefined;
}

/** A folder laid out as transformers.js and the Hugging Face Hub lay out an ONNX checkpoint of PaliGemma. */
export interface CheckpointFolder extends CheckpointDescription {
  /** The parsed `tokenizer.json` and `tokenizer_config.json`. */
  readonly tokenizer: object;
  readonly tokenizerConfig: object;
}

/** How transformers.js marks a stored precision in a file's name. */
const DTYPE_SUFFIXES: Readonly<Record<Dtype, string>> = {
  fp32: '',
  fp16: '_fp16',
  q8: '_quantized',
  q4: '_q4',
  q4f16: '_q4f16',
};

const GRAPHS = ['vision_encoder', 'embed_tokens', 'decoder_model_merged', 'mask_decoder'] as const;

/** Taken in this order where nothing is asked for or what is asked for is not there: the most exact first. */
const SUFFIX_ORDER = ['', '_fp16', '_quantized', '_int8', '_uint8', '_q4', '_q4f16', '_bnb4'];

const tokenIds = z.union([z.number().int(), z.array(z.number().int())]).transform((ids) => [ids].flat());

const configSchema = z.object({
  model_type: z.string(),
  image_token_index: z.number().int().optional(),
  image_token_id: z.number().int().optional(),
  eos_token_id: tokenIds.nullish(),
  text_config: z.object({
    num_hidden_layers: z.number().int().positive(),
    num_key_value_heads: z.number().int().positive(),
    // These are left out of a configuration where they are the defaults of Gemma 2.
    num_attention_heads: z.number().int().positive().default(8),
    head_dim: z.number().int().positive().default(256),
    intermediate_size: z.number().int().positive().default(9216),
    max_position_embeddings: z.number().int().positive().default(8192),
    eos_token_id: tokenIds.nullish(),
  }),
  // The side of the model's square, and of the smaller squares that it is cut into; left out where SigLIP's defaults.
  vision_config: z
    .object({
      image_size: z.number().int().positive().default(224),
      patch_size: z.number().int().positive().default(16),
      num_attention_heads: z.number().int().positive().default(12),
      intermediate_size: z.number().int().positive().default(3072),
    })
    .prefault({}),
});

const generationSchema = z.object({ eos_token_id: tokenIds.nullish() });

/** Tokens of a prompt beside the picture's: a start, a word, a line break; and one of an answer. */
const PROMPT_AT_LEAST = 4;

const threeNumbers = z.tuple([z.number(), z.number(), z.number()]);
const BICUBIC = 3;

const preprocessorSchema = z.object({
  size: z.object({ width: z.number().int().positive(), height: z.number().int().positive() }).optional(),
  rescale_factor: z.number().default(1 / 255),
  image_mean: threeNumbers.default([0.5, 0.5, 0.5]),
  image_std: threeNumbers.default([0.5, 0.5, 0.5]),
  resample: z.literal(BICUBIC, 'Glimpse resizes bicubically (3) only').default(BICUBIC),
});

/** Newer transformers save the processor as a whole, with how it prepares pictures as a part of it. */
const processorSchema = z.object({ image_processor: preprocessorSchema.optional() });

/**
 * Reads what a checkpoint folder says about itself and finds its graphs; opens none of them.
 *
 * @param dtype the stored precision to prefer, graph by graph: exports often mix them
 * @throws {UserError} the folder lacks a file, a file can't be understood, or the model is of another family
 */
export async function openCheckpointFolder(folder: string, dtype?: Dtype): Promise<CheckpointFolder> {
  return {
    ...(await describeCheckpoint(folder, dtype)),
    tokenizer: await readSettings(folder, 'tokenizer.json', z.looseObject({})),
    tokenizerConfig: await readSettings(folder, 'tokenizer_config.json', z.looseObject({}), {}),
  };
}

/**
 * The same without the tokenizer, which takes a second to read and 200 MB to hold.
 *
 * @throws {UserError} as `openCheckpointFolder`
 */
export async function describeCheckpoint(folder: string, dtype?: Dtype): Promise<CheckpointDescription> {
  const config = await readSettings(folder, 'config.json', configSchema);
  if (config.model_type !== 'paligemma') {
    throw new UserError(
      `${folder} holds a model of the family ${config.model_type}; Glimpse runs paligemma.`,
    );
  }
  const side = config.vision_config.image_size;
  const processor = await readSettings(folder, 'processor_config.json', processorSchema, {});
  // As in transformers, the newer file counts where both are there; where none is, the processor is as it always is.
  const preprocessor =
    processor.image_processor ??
    (await readSettings(folder, 'preprocessor_config.json', preprocessorSchema, {}));
  const { size = { width: side, height: side } } = preprocessor;
  const { patch_size: patch } = config.vision_config;
  const pictureTokens = Math.floor(size.width / patch) * Math.floor(size.height / patch);
  const { max_position_embeddings: positions } = config.text_config;
  if (pictureTokens + PROMPT_AT_LEAST > positions) {
    throw new UserError(
      `The model in ${folder} has room for ${positions} tokens (max_position_embeddings), and a picture alone takes ${pictureTokens}.`,
    );
  }
  const generation = await readSettings(folder, 'generation_config.json', generationSchema, {});
  const graphs = await listGraphs(folder);
  const graph = (name: string): string => findGraph(folder, graphs, name, dtype);
  const decoder = graph('decoder_model_merged');
  const beside = (cache: string): string | undefined => {
    const name = basename(decoder).replace('model_merged', `${cache}_cache`);
    return graphs.includes(name) ? join(folder, 'onnx', name) : undefined;
  };

  return {
    preprocessing: {
      size,
      rescaleFactor: preprocessor.rescale_factor,
      mean: preprocessor.image_mean,
      std: preprocessor.image_std,
    },
    pictureTokens,
    positions,
    layers: config.text_config.num_hidden_layers,
    attentionHeads: config.text_config.num_attention_heads,
    intermediateSize: config.text_config.intermediate_size,
    visionHeads: config.vision_config.num_attention_heads,
    visionIntermediateSize: config.vision_config.intermediate_size,
    keyValueHeads: config.text_config.num_key_value_heads,
    headSize: config.text_config.head_dim,
    imageTokenId: config.image_token_index ?? config.image_token_id,
    endTokenIds: generation.eos_token_id ?? config.eos_token_id ?? config.text_config.eos_token_id ?? [],
    visionEncoder: graph('vision_encoder'),
    embedTokens: graph('embed_tokens'),
    decoder,
    appendedCacheDecoder: beside('appended'),
    splitCacheDecoder: beside('split'),
    maskDecoder: hasMaskDecoder(graphs) ? graph('mask_decoder') : undefined,
  };
}

/** The mend of a file that can't be read as what it is. */
export const FETCH_AGAIN = 'If it is damaged or half-written, pull or convert the model again.';

/** @param missing what a file that need not be there is taken to hold */
async function readSettings<T>(
  folder: string,
  name: string,
  schema: z.ZodType<T>,
  missing?: unknown,
): Promise<T> {
  let text: string | undefined;
  try {
    text = await readFile(join(folder, name), 'utf8');
  } catch (cause) {
    if (!isMissing(cause)) {
      throw explainReadError(cause, join(folder, name));
    }
    if (missing === undefined) {
      throw new UserError(
        `${folder} is no checkpoint folder: ${name} can't be read. "glimpse model list" tells which models are there.`,
        { cause },
      );
    }
  }
  let settings: unknown;
  try {
    settings = text === undefined ? missing : JSON.parse(text);
  } catch (cause) {
    throw new UserError(`${name} in ${folder} can't be understood: no JSON. ${FETCH_AGAIN}`, { cause });
  }
  const result = schema.safeParse(settings);
  if (!result.success) {
    const why = z.prettifyError(result.error).replaceAll(/\s*\n\s*/g, ' ');
    throw new UserError(`${name} in ${folder} can't be understood: ${why}.`, { cause: result.error });
  }
  return result.data;
}

async function listGraphs(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(join(folder, 'onnx'))).filter((file) => file.endsWith('.onnx'));
  } catch (cause) {
    if (!isMissing(cause)) {
      throw explainReadError(cause, join(folder, 'onnx'));
    }
    throw new UserError(`${folder} has no folder onnx; "glimpse model convert" makes one.`, { cause });
  }
}

/**
 * How the weights of each graph are stored that `openCheckpointFolder` finds, by the names of the files: a `Dtype`, or
 * one of the other precisions that public exports have.
 *
 * @throws {UserError} the folder lacks a graph
 */
export async function storedDtypes(folder: string, dtype?: Dtype): Promise<Record<string, string>> {
  const files = await listGraphs(folder);
  const names = GRAPHS.filter((name) => name !== 'mask_decoder' || hasMaskDecoder(files));
  return Object.fromEntries(
    names.map((name) => {
      const suffix = basename(findGraph(folder, files, name, dtype), '.onnx').slice(name.length);
      const known = DTYPES.find((stored) => DTYPE_SUFFIXES[stored] === suffix);
      return [name, known ?? suffix.slice(1)];
    }),
  );
}

function hasMaskDecoder(files: readonly string[]): boolean {
  return files.some((file) => file.startsWith('mask_decoder'));
}

function findGraph(folder: string, graphs: readonly string[], name: string, dtype?: Dtype): string {
  const order = dtype === undefined ? SUFFIX_ORDER : [DTYPE_SUFFIXES[dtype], ...SUFFIX_ORDER];
  const file = order.map((suffix) => `${name}${suffix}.onnx`).find((candidate) => graphs.includes(candidate));
  if (file === undefined) {
    throw new UserError(`${folder} is no complete checkpoint: onnx/${name}.onnx is missing.`);
  }
  return join(folder, 'onnx', file);
}
