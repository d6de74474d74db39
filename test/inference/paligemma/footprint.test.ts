import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { convertCheckpoint } from '../../../src/checkpoints/convert.js';
import { footprintsOf } from '../../../src/inference/paligemma/footprint.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { writeTinyCheckpoint } from '../../support/tiny-checkpoint.js';

test('each dtype that a folder has weighs what its files weigh, and 16 bits twice that', async () => {
  const folder = await temporaryFolder();
  const [from, to] = [join(folder, 'checkpoint'), join(folder, 'converted')];
  await writeTinyCheckpoint(from);
  await convertCheckpoint({ from, to, dtype: 'fp16' });
  await convertCheckpoint({ from, to, dtype: 'q4' });
  const bytes = async (...names: string[]): Promise<number> => {
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(to, 'onnx', name))).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  };
  const [fp16, q4, ...others] = await footprintsOf(to);
  expect(others).toEqual([]);
  expect(fp16.dtype).toBe('fp16');
  expect(fp16.weights).toBe(
    2 *
      (await bytes(
        'vision_encoder_fp16.onnx',
        'vision_encoder_fp16.onnx_data',
        'decoder_model_merged_fp16.onnx',
        'decoder_model_merged_fp16.onnx_data',
      )),
  );
  expect(q4.dtype).toBe('q4');
  expect(q4.embeddings).toBe(await bytes('embed_tokens_q4.onnx', 'embed_tokens_q4.onnx_data'));
});

test('a folder that is no checkpoint is refused', async () => {
  await expect(footprintsOf(await temporaryFolder())).rejects.toThrow('is no checkpoint folder');
});

test('the tokenizer counts, and is not read for that', async () => {
  const folder = await temporaryFolder();
  const [from, to] = [join(folder, 'checkpoint'), join(folder, 'converted')];
  await writeTinyCheckpoint(from);
  await convertCheckpoint({ from, to, dtype: 'q8' });
  const [small] = await footprintsOf(to);
  // Parsing this would fail.
  await writeFile(join(to, 'tokenizer.json'), ' '.repeat(2_000_000));
  const [large] = await footprintsOf(to);
  expect(large.workspace - small.workspace).toBeGreaterThan(35e6);
});
