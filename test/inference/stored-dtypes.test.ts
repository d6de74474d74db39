import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { storedDtypes } from '../../src/inference/paligemma/checkpoint-folder.js';
import { temporaryFolder } from '../support/temporary-folder.js';

async function folderWith(...graphs: string[]): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'onnx'));
  await Promise.all(graphs.map((name) => writeFile(join(folder, 'onnx', `${name}.onnx`), '')));
  return folder;
}

test('tells for each graph what is loaded of it, which need not be what is preferred', async () => {
  const folder = await folderWith(
    'vision_encoder_fp16',
    'vision_encoder',
    'embed_tokens_quantized',
    'decoder_model_merged_q4',
    'decoder_model_merged_q4f16',
  );
  const best = { vision_encoder: 'fp32', embed_tokens: 'q8', decoder_model_merged: 'q4' };
  expect(await storedDtypes(folder)).toEqual(best);
  expect(await storedDtypes(folder, 'fp16')).toEqual({ ...best, vision_encoder: 'fp16' });
});

test('names a precision of which there is no setting as the file does', async () => {
  const folder = await folderWith(
    'vision_encoder',
    'embed_tokens',
    'decoder_model_merged_q4f16',
    'mask_decoder',
  );
  expect(await storedDtypes(folder)).toMatchObject({ decoder_model_merged: 'q4f16', mask_decoder: 'fp32' });
});

test('a folder that lacks a graph is a mistake', async () => {
  await expect(storedDtypes(await folderWith('vision_encoder'))).rejects.toThrow(UserError);
});
