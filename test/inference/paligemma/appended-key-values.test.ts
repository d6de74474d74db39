import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { convertCheckpoint } from '../../../src/checkpoints/convert.js';
import { openCheckpointFolder } from '../../../src/inference/paligemma/checkpoint-folder.js';
import type { Reading } from '../../../src/inference/paligemma/generate.js';
import { LanguageModel } from '../../../src/inference/paligemma/language-model.js';
import { relativeDifference } from '../../support/graph-model.js';
import { imageFeatures } from '../../support/image-features.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { seededRandom, TINY_CONFIG, writeTinyCheckpoint } from '../../support/tiny-checkpoint.js';

const HIDDEN = TINY_CONFIG.text_config.hidden_size;
const PICTURE = 16;
/** More than the cache makes room for at once, so that it is moved on the way. */
const ANSWER = 140;

const random = seededRandom(3);
const features = imageFeatures(
  Float32Array.from({ length: PICTURE * HIDDEN }, () => random() - 0.5),
  PICTURE,
  HIDDEN,
);
const prompt = (words: number): number[] => [
  ...new Array<number>(PICTURE).fill(300),
  ...Array.from({ length: words }, (_, index) => 5 + 3 * index),
];

/** The same weights behind both kinds of cache. */
async function openBoth(): Promise<{ appended: LanguageModel; growing: LanguageModel }> {
  const folder = await temporaryFolder();
  const to = join(folder, 'converted');
  await writeTinyCheckpoint(join(folder, 'checkpoint'));
  await convertCheckpoint({ from: join(folder, 'checkpoint'), to, dtype: 'fp32' });
  const checkpoint = await openCheckpointFolder(to);
  expect(checkpoint.appendedCacheDecoder).toBeDefined();
  const options = { provider: 'cpu', threads: 1 } as const;
  const appended = await LanguageModel.open(checkpoint, options);
  const growing = await LanguageModel.open({ ...checkpoint, appendedCacheDecoder: undefined }, options);
  onTestFinished(async () => {
    await appended.close();
    await growing.close();
  });
  return { appended, growing };
}

async function expectEqual(reading: Reading, reference: Reading, tokens: number): Promise<void> {
  for (let count = 0; count < tokens; count++) {
    expect(relativeDifference(reading.logits, reference.logits)).toBeLessThan(1e-5);
    await reading.add((7 * count) % 300);
    await reference.add((7 * count) % 300);
  }
}

test('a cache that is appended to answers as one that is copied for each token', async () => {
  const { appended, growing } = await openBoth();
  const reading = await appended.read(prompt(9), features);
  const reference = await growing.read(prompt(9), features);
  await expectEqual(reading, reference, ANSWER);
  reading.dispose();
  reference.dispose();
});

test('nothing of one prompt is left for the next, whether that is longer or shorter', async () => {
  const { appended, growing } = await openBoth();
  for (const words of [60, 2, 30]) {
    const reading = await appended.read(prompt(words), features);
    const reference = await growing.read(prompt(words), features);
    await expectEqual(reading, reference, 5);
    reading.dispose();
    reference.dispose();
  }
});

test('numbers that are none do not outlive the prompt that they came from', async () => {
  const { appended } = await openBoth();
  const broken = imageFeatures(new Float32Array(PICTURE * HIDDEN).fill(NaN), PICTURE, HIDDEN);
  const reading = await appended.read(prompt(3), broken);
  expect(reading.logits.every(Number.isNaN)).toBe(true);
  reading.dispose();
  const next = await appended.read(prompt(3), features);
  await next.add(5);
  expect(next.logits.every(Number.isFinite)).toBe(true);
  next.dispose();
});

test('two prompts may be read at the same time', async () => {
  const { appended, growing } = await openBoth();
  const first = await appended.read(prompt(4), features);
  const second = await appended.read(prompt(8), features);
  const reference = await growing.read(prompt(4), features);
  await expectEqual(first, reference, 3);
  for (const reading of [first, second, reference]) {
    reading.dispose();
  }
});
