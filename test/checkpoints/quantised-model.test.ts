import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/checkpoints/config.js';
import { convertCheckpoint } from '../../src/checkpoints/convert.js';
import type { Dtype } from '../../src/task.js';
import { GraphModel, relativeDifference } from '../support/graph-model.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { seededRandom, TINY_CONFIG, writeTinyCheckpoint } from '../support/tiny-checkpoint.js';

const CONFIG = parseConfig(TINY_CONFIG);
const PROMPT = [...Array.from({ length: 16 }, () => 300), 2, 40, 17, 108];

async function answers(
  folder: string,
  dtype: Dtype,
  suffix: string,
): Promise<{ features: Float32Array; logits: Float32Array }> {
  const to = join(folder, 'converted');
  await convertCheckpoint({ from: join(folder, 'checkpoint'), to, dtype });
  const model = await GraphModel.open(to, CONFIG, suffix);
  const random = seededRandom(3);
  const pixels = Float32Array.from({ length: 3 * 32 * 32 }, () => 2 * random() - 1);
  const features = await model.features(pixels);
  const { logits } = await model.decode(await model.prompt(PROMPT, pixels));
  await model.close();
  return { features, logits };
}

/** Rows of 48, 80 and 96 weights, which do not all fill blocks of 32, are among what is rounded here. */
test.each<[Dtype, string, { features: number; logits: number }]>([
  ['fp16', '_fp16', { features: 0.0005, logits: 0.001 }],
  ['q8', '_quantized', { features: 0.01, logits: 0.02 }],
  ['q4', '_q4', { features: 0.01, logits: 0.15 }],
])('%s stays near 32-bit floats', async (dtype, suffix, bound) => {
  const folder = await temporaryFolder();
  await writeTinyCheckpoint(join(folder, 'checkpoint'));
  const exact = await answers(folder, 'fp32', '');
  const rounded = await answers(folder, dtype, suffix);
  expect(relativeDifference(rounded.features, exact.features)).toBeLessThan(bound.features);
  expect(relativeDifference(rounded.logits, exact.logits)).toBeLessThan(bound.logits);
});
