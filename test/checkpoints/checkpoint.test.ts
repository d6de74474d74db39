import { appendFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Checkpoint, READ_BYTES } from '../../src/checkpoints/checkpoint.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import {
  floatTensor,
  randomTensors,
  TINY_CONFIG,
  TINY_TOKENS,
  writeTinyCheckpoint,
  type SavedTensor,
} from '../support/tiny-checkpoint.js';

type Options = Parameters<typeof writeTinyCheckpoint>[1];

async function opened(options?: Options): Promise<Checkpoint> {
  const folder = await temporaryFolder();
  await writeTinyCheckpoint(folder, options);
  return Checkpoint.open(folder);
}

async function refusal(options?: Options, damage?: (folder: string) => Promise<void>): Promise<string> {
  const folder = await temporaryFolder();
  await writeTinyCheckpoint(folder, options);
  await damage?.(folder);
  const failure: unknown = await Checkpoint.open(folder).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'UserError' });
  return (failure as Error).message;
}

const transformers4 = (name: string): string =>
  name
    .replace(/^language_model\./, 'language_model.model.')
    .replace(/^vision_tower\./, 'vision_tower.vision_model.');
const transformers5 = (name: string): string => `model.${name}`;
const NORM = 'language_model.norm.weight';

test.each([
  ['transformers 4', transformers4],
  ['transformers 5', transformers5],
  ['transformers 5 with an inner vision model', (name: string) => transformers5(transformers4(name))],
])('knows the names of %s', async (_, rename) => {
  const checkpoint = await opened({ rename: (name) => rename(name).replace('model.model', 'model') });
  expect(checkpoint.rows(NORM)).toMatchObject({ rows: 64, columns: 1 });
  await checkpoint.close();
});

test('reads tensors from several files', async () => {
  const checkpoint = await opened({ shards: 3 });
  const blocks = [];
  for await (const block of checkpoint.rows('language_model.embed_tokens.weight').blocks()) {
    blocks.push(...block);
  }
  const original = randomTensors().get('language_model.embed_tokens.weight');
  expect(blocks).toEqual([...new Float32Array(original?.bytes.buffer as ArrayBuffer)]);
  await checkpoint.close();
});

test('holds no more of a tensor than one read at a time', async () => {
  const columns = TINY_CONFIG.text_config.hidden_size;
  const vocabulary = Math.ceil((2.5 * READ_BYTES) / (4 * columns));
  const checkpoint = await opened({
    config: { ...TINY_CONFIG, text_config: { ...TINY_CONFIG.text_config, vocab_size: vocabulary } },
    change: (tensors) =>
      tensors.set(
        'language_model.embed_tokens.weight',
        floatTensor([vocabulary, columns], () => 1),
      ),
  });
  const sizes = [];
  for await (const block of checkpoint.rows('language_model.embed_tokens.weight').blocks()) {
    sizes.push(block.byteLength);
  }
  expect(sizes.length).toBe(3);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(READ_BYTES);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(vocabulary * columns * 4);
  await checkpoint.close();
});

test('cuts off the rows of the head that are no tokens', async () => {
  const checkpoint = await opened();
  expect(checkpoint.head).toEqual({ name: 'language_model.embed_tokens.weight', rows: TINY_TOKENS });
  await checkpoint.close();
});

test('takes a head of its own where the checkpoint has one', async () => {
  const checkpoint = await opened({
    change: (tensors) =>
      tensors.set(
        'lm_head.weight',
        floatTensor([320, 64], () => 0),
      ),
  });
  expect(checkpoint.head.name).toBe('lm_head.weight');
  await checkpoint.close();
});

test('passes over the pooling head and saved tables', async () => {
  const checkpoint = await opened({
    change: (tensors) => {
      tensors.set(
        'vision_tower.vision_model.head.probe',
        floatTensor([1, 1, 48], () => 0),
      );
      tensors.set(
        'language_model.model.rotary_emb.inv_freq',
        floatTensor([16], () => 0),
      );
    },
  });
  await checkpoint.close();
});

type Change = (tensors: Map<string, SavedTensor>) => void;
const stored = (format: string, shape: number[], bytes: number): SavedTensor => ({
  format,
  shape,
  bytes: new Uint8Array(bytes),
});

test.each<[string, Change, RegExp]>([
  ['missing', (tensors) => tensors.delete(NORM), /language_model\.norm\.weight is missing\./],
  [
    'unknown',
    (tensors) => tensors.set('adapter.weight', stored('F32', [1], 4)),
    /adapter\.weight is unknown\./,
  ],
  [
    'of a wrong shape',
    (tensors) => tensors.set(NORM, stored('F32', [65], 260)),
    /norm\.weight has the shape \[65\] instead of \[64\]/,
  ],
  ['of integers', (tensors) => tensors.set(NORM, stored('I8', [64], 64)), /norm\.weight is stored as I8/],
  [
    'of a format that no one knows',
    (tensors) => tensors.set(NORM, stored('toString', [64], 64)),
    /norm\.weight is stored as toString/,
  ],
  [
    'too short for its shape',
    (tensors) => tensors.set(NORM, stored('F32', [64], 128)),
    /128 bytes instead of 256/,
  ],
  [
    'there twice',
    (tensors) => tensors.set(`model.${NORM}`, stored('F32', [64], 256)),
    /norm\.weight is there twice/,
  ],
])('names a tensor that is %s', async (_, change, message) => {
  expect(await refusal({ change })).toMatch(message);
});

test('names ten tensors and counts the rest', async () => {
  const message = await refusal({
    change: (tensors) => {
      tensors.clear();
    },
  });
  expect(message.split('; ')).toHaveLength(11);
  expect(message).toMatch(/and \d+ more\.$/);
});

test('a head that is not tied must be there', async () => {
  expect(await refusal({ config: { ...TINY_CONFIG, tie_word_embeddings: false } })).toMatch(
    /lm_head\.weight is missing/,
  );
});

test.each<[string, Options, (folder: string) => Promise<void>, RegExp]>([
  ['no config.json', {}, (folder) => rm(join(folder, 'config.json')), /config\.json can't be read/],
  [
    'a config.json that is no JSON',
    {},
    (folder) => writeFile(join(folder, 'config.json'), '{'),
    /config\.json is no JSON/,
  ],
  ['no tokenizer.json', {}, (folder) => rm(join(folder, 'tokenizer.json')), /tokenizer\.json can't be read/],
  [
    'no tokenizer in tokenizer.json',
    {},
    (folder) => writeFile(join(folder, 'tokenizer.json'), '{}'),
    /tokenizer\.json can't be understood/,
  ],
  [
    'no weights',
    {},
    (folder) => rm(join(folder, 'model.safetensors')),
    /model\.safetensors can't be read: there is no such file/,
  ],
  [
    'truncated weights',
    {},
    (folder) => truncate(join(folder, 'model.safetensors'), 50_000),
    /model\.safetensors is truncated/,
  ],
  [
    'weights with more after them',
    {},
    (folder) => appendFile(join(folder, 'model.safetensors'), 'x'),
    /belong to no tensor/,
  ],
  [
    'an index that names a missing file',
    { shards: 2 },
    (folder) => rm(join(folder, 'model-00002-of-00002.safetensors')),
    /incomplete: model-00002-of-00002\.safetensors/,
  ],
  [
    'an index that names another folder',
    { shards: 1 },
    (folder) =>
      writeFile(join(folder, 'model.safetensors.index.json'), '{"weight_map":{"a":"../x.safetensors"}}'),
    /incomplete: \.\.\/x/,
  ],
])('refuses a folder with %s', async (_, options, damage, message) => {
  expect(await refusal(options, damage)).toMatch(message);
});
