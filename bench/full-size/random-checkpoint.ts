import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseConfig } from '../../src/checkpoints/config.js';
import { expectedShapes, HEAD } from '../../src/checkpoints/tensor-names.js';
import { seededRandom } from '../../test/support/tiny-checkpoint.js';
import { officialConfig, officialPreprocessor, type Layers, type OfficialModel } from './official-configs.js';
import { officialSizeTokenizer } from './random-tokenizer.js';

/** Bytes that one file may have: where the Hub's own tools begin the next. */
const SHARD_BYTES = 5_000_000_000;
const BFLOAT16_BYTES = 2;

/** Numbers that weights are taken from, over and over; no matrix has rows of a length that divides it. */
const POOL = 4_194_301;
/** Numbers of it between the beginnings of two tensors. */
const STRIDE = 104_729;

interface PlannedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/**
 * Writes a checkpoint of the official shapes in the official layout, with normally distributed random weights in
 * bfloat16: everything about it is real but the meaning of what it says.
 *
 * @param layers fewer than the official ones, if given
 * @returns the bytes of its weights
 */
export async function writeRandomCheckpoint(
  folder: string,
  model: OfficialModel,
  layers?: Layers,
): Promise<number> {
  const config = officialConfig(model, layers);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const settings: Record<string, object> = {
    'config.json': config,
    'preprocessor_config.json': officialPreprocessor(model),
    'generation_config.json': { bos_token_id: 2, eos_token_id: 1, pad_token_id: 0 },
    'tokenizer.json': officialSizeTokenizer(),
    'tokenizer_config.json': TOKENIZER_CONFIG,
  };
  for (const [name, content] of Object.entries(settings)) {
    await writeFile(join(folder, name), JSON.stringify(content));
  }
  const tensors = plan(config);
  const shards = inShards(tensors);
  const weights = randomWeights();
  const weightMap: Record<string, string> = {};
  for (const [index, shard] of shards.entries()) {
    const file = `model-${numbered(index + 1)}-of-${numbered(shards.length)}.safetensors`;
    await writeShard(join(folder, file), shard, weights);
    shard.forEach(({ name }) => (weightMap[name] = file));
  }
  const bytes = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
  await writeFile(
    join(folder, 'model.safetensors.index.json'),
    JSON.stringify({ metadata: { total_size: bytes }, weight_map: weightMap }),
  );
  return bytes;
}

const TOKENIZER_CONFIG = {
  add_bos_token: true,
  add_eos_token: false,
  bos_token: '<bos>',
  eos_token: '<eos>',
  pad_token: '<pad>',
  unk_token: '<unk>',
  additional_special_tokens: ['<image>'],
  clean_up_tokenization_spaces: false,
  processor_class: 'PaliGemmaProcessor',
  tokenizer_class: 'GemmaTokenizer',
};

function plan(config: object): PlannedTensor[] {
  const shapes = expectedShapes(parseConfig(config));
  shapes.delete(HEAD);
  return [...shapes].map(([name, shape]) => ({
    name: officialName(name),
    shape,
    bytes: shape.reduce((product, length) => product * length, BFLOAT16_BYTES),
  }));
}

/** As transformers 4, which the official files were saved by, names a tensor. */
function officialName(canonical: string): string {
  return canonical
    .replace(/^language_model\./, 'language_model.model.')
    .replace(/^vision_tower\./, 'vision_tower.vision_model.');
}

function inShards(tensors: readonly PlannedTensor[]): PlannedTensor[][] {
  const shards: PlannedTensor[][] = [[]];
  let filled = 0;
  for (const tensor of tensors) {
    if (filled + tensor.bytes > SHARD_BYTES) {
      shards.push([]);
      filled = 0;
    }
    shards[shards.length - 1].push(tensor);
    filled += tensor.bytes;
  }
  return shards;
}

function numbered(index: number): string {
  return String(index).padStart(5, '0');
}

async function writeShard(
  path: string,
  tensors: readonly PlannedTensor[],
  weights: (spread: number) => Uint8Array,
): Promise<void> {
  let end = 0;
  const header: Record<string, object> = { __metadata__: { format: 'pt' } };
  for (const { name, shape, bytes } of tensors) {
    header[name] = { dtype: 'BF16', shape, data_offsets: [end, (end += bytes)] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length));
  const file = await open(path, 'w');
  try {
    await file.write(Buffer.concat([prefix, text]));
    for (const [index, { shape, bytes }] of tensors.entries()) {
      const source = weights(spreadOf(shape));
      // Each begins elsewhere: ONNX Runtime keeps layers of the same weights in memory once.
      let from = (index * STRIDE * BFLOAT16_BYTES) % source.length;
      for (let written = 0; written < bytes;) {
        const length = Math.min(bytes - written, source.length - from);
        await file.write(source, from, length);
        written += length;
        from = 0;
      }
    }
  } finally {
    await file.close();
  }
}

/** Of a matrix so that its products are about as large as what went in; of norms and biases, small. */
function spreadOf(shape: readonly number[]): number {
  return shape.length === 1 ? 0.1 : 1 / Math.sqrt(shape.slice(1).reduce((a, b) => a * b));
}

/** Normally distributed numbers of a given spread as bfloat16; the same ones each time. */
function randomWeights(): (spread: number) => Uint8Array {
  const random = seededRandom(7);
  const pool = Float32Array.from({ length: POOL }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return radius * Math.cos(2 * Math.PI * random());
  });
  const made = new Map<number, Uint8Array>();
  return (spread) => {
    const known = made.get(spread);
    if (known !== undefined) {
      return known;
    }
    const weights = bfloat16(pool, spread);
    made.set(spread, weights);
    return weights;
  };
}

/** Rounds by cutting the lower half of each 32-bit float off. */
function bfloat16(values: Float32Array, scale: number): Uint8Array {
  const bits = new Uint32Array(values.map((value) => value * scale).buffer);
  const halves = new Uint16Array(bits.length);
  for (let index = 0; index < bits.length; index++) {
    halves[index] = bits[index] >>> 16;
  }
  return new Uint8Array(halves.buffer);
}
