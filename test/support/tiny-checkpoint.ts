import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseConfig } from '../../src/checkpoints/config.js';
import { expectedShapes, HEAD } from '../../src/checkpoints/tensor-names.js';

/** A tensor as a safetensors file holds it. */
export interface SavedTensor {
  readonly format: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export const TINY_CONFIG = {
  model_type: 'paligemma',
  image_token_index: 300,
  text_config: {
    model_type: 'gemma2',
    vocab_size: 320,
    hidden_size: 64,
    intermediate_size: 96,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    head_dim: 32,
    max_position_embeddings: 256,
    query_pre_attn_scalar: 16,
  },
  vision_config: {
    model_type: 'siglip_vision_model',
    hidden_size: 48,
    intermediate_size: 80,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    image_size: 32,
    patch_size: 8,
  },
} as const;

/** Tokens before `<image>`, whose id is the next; the embedding table has twenty rows more. */
export const TINY_TOKENS = 300;

interface TinyOptions {
  /** Changes tensors, by their canonical names, before they are written. */
  readonly change?: (tensors: Map<string, SavedTensor>) => void;
  /** What the tensors are called in the file. */
  readonly rename?: (canonical: string) => string;
  /** Into how many files the tensors go, with an index. */
  readonly shards?: number;
  readonly config?: object;
}

/** Writes a PaliGemma 2 checkpoint with random weights: 16 image tokens, two layers on either side. */
export async function writeTinyCheckpoint(folder: string, options: TinyOptions = {}): Promise<void> {
  const { change, rename, shards = 0, config = TINY_CONFIG } = options;
  const tensors = randomTensors();
  change?.(tensors);
  const named = [...tensors].map(([name, tensor]): [string, SavedTensor] => [rename?.(name) ?? name, tensor]);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tinyVocabulary()));
  if (shards === 0) {
    await writeFile(join(folder, 'model.safetensors'), safetensors(new Map(named)));
    return;
  }
  const weightMap: Record<string, string> = {};
  for (let shard = 0; shard < shards; shard++) {
    const file = `model-0000${shard + 1}-of-0000${shards}.safetensors`;
    const part = named.filter((_, index) => index % shards === shard);
    part.forEach(([name]) => (weightMap[name] = file));
    await writeFile(join(folder, file), safetensors(new Map(part)));
  }
  await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: weightMap }));
}

/** By canonical name; the head is tied to the embedding table. */
export function randomTensors(): Map<string, SavedTensor> {
  const shapes = expectedShapes(parseConfig(TINY_CONFIG));
  shapes.delete(HEAD);
  const random = seededRandom(1);
  return new Map(
    [...shapes].map(([name, shape]) => {
      const spread = shape.length === 1 ? 0.3 : 2 / Math.sqrt(shape.slice(1).reduce((a, b) => a * b));
      return [name, floatTensor(shape, () => (random() - 0.5) * 2 * spread)];
    }),
  );
}

export function floatTensor(shape: readonly number[], value: (index: number) => number): SavedTensor {
  const length = shape.reduce((product, side) => product * side, 1);
  const values = Float32Array.from({ length }, (_, index) => value(index));
  return { format: 'F32', shape, bytes: new Uint8Array(values.buffer) };
}

/** The bytes of a `.safetensors` file. */
export function safetensors(tensors: ReadonlyMap<string, SavedTensor>): Uint8Array {
  let end = 0;
  const header = Object.fromEntries(
    [...tensors].map(([name, { format, shape, bytes }]) => {
      const start = end;
      end += bytes.length;
      return [name, { dtype: format, shape, data_offsets: [start, end] }];
    }),
  );
  return safetensorsFile(
    JSON.stringify(header),
    Buffer.concat([...tensors.values()].map(({ bytes }) => bytes)),
  );
}

/** @param headerBytes what the file says of its header's length */
export function safetensorsFile(header: string, data: Uint8Array, headerBytes?: bigint): Uint8Array {
  const text = Buffer.from(header);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(headerBytes ?? BigInt(text.length));
  return Buffer.concat([prefix, text, data]);
}

/** Numbers from 0 to 1 that are the same in every run. The generator is mulberry32's. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function tinyVocabulary(): object {
  const vocab = Object.fromEntries(Array.from({ length: TINY_TOKENS }, (_, id) => [`token${id}`, id]));
  return {
    added_tokens: [{ id: TINY_TOKENS, content: '<image>' }],
    model: { type: 'BPE', vocab, merges: [] },
  };
}
