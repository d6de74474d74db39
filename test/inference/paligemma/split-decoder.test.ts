import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { convertCheckpoint } from '../../../src/checkpoints/convert.js';
import { openCheckpointFolder } from '../../../src/inference/paligemma/checkpoint-folder.js';
import type { Reading } from '../../../src/inference/paligemma/generate.js';
import { LanguageModel } from '../../../src/inference/paligemma/language-model.js';
import type { Dtype } from '../../../src/task.js';
import { relativeDifference } from '../../support/graph-model.js';
import { imageFeatures } from '../../support/image-features.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import {
  floatTensor,
  seededRandom,
  TINY_CONFIG,
  writeTinyCheckpoint,
} from '../../support/tiny-checkpoint.js';

const HIDDEN = TINY_CONFIG.text_config.hidden_size;
const PICTURE = 16;

const random = seededRandom(3);
const features = imageFeatures(
  Float32Array.from({ length: PICTURE * HIDDEN }, () => random() - 0.5),
  PICTURE,
  HIDDEN,
);
const prompt = (words: number): number[] => [
  ...new Array<number>(PICTURE).fill(300),
  ...Array.from({ length: words }, (_, index) => 5 + 3 * (index % 90)),
];

/** The graph for graphics cards, here on the processor, beside the one that the public exports have. */
async function openBoth(dtype: Dtype): Promise<{ split: LanguageModel; growing: LanguageModel }> {
  const folder = await temporaryFolder();
  const to = join(folder, 'converted');
  await writeTinyCheckpoint(join(folder, 'checkpoint'));
  await convertCheckpoint({ from: join(folder, 'checkpoint'), to, dtype });
  const checkpoint = await openCheckpointFolder(to, dtype);
  const { splitCacheDecoder } = checkpoint;
  expect(splitCacheDecoder).toBeDefined();
  const options = { provider: 'cpu' } as const;
  const split = await LanguageModel.open({ ...checkpoint, appendedCacheDecoder: splitCacheDecoder }, options);
  const growing = await LanguageModel.open({ ...checkpoint, appendedCacheDecoder: undefined }, options);
  onTestFinished(async () => {
    await split.close();
    await growing.close();
  });
  return { split, growing };
}

async function expectEqual(
  reading: Reading,
  reference: Reading,
  tokens: number,
  bound: number,
): Promise<void> {
  for (let token = 0; token < tokens; token++) {
    expect(relativeDifference(reading.logits, reference.logits)).toBeLessThan(bound);
    await reading.add(7 + token);
    await reference.add(7 + token);
  }
}

test.each([
  ['fp32', 1e-5],
  // Activations are rounded to 8 bits before each product, so that the last digits of a sum can move one by a step.
  ['q4', 0.02],
  ['q4f16', 0.05],
] as const)('in %s it answers as a decoder whose cache grows', async (dtype, bound) => {
  const { split, growing } = await openBoth(dtype);
  // A prompt that fills its last group of 64 places, one that leaves nearly all of it empty, one in between.
  for (const words of [48, 49, 100]) {
    const reading = await split.read(prompt(words), features);
    const reference = await growing.read(prompt(words), features);
    await expectEqual(reading, reference, 12, bound);
    reading.dispose();
    reference.dispose();
  }
});

test('channels that are too large for 16-bit floats come out right in q4f16', async () => {
  const OUTLIER = 1.5e5;
  const folder = await temporaryFolder();
  const to = join(folder, 'converted');
  await writeTinyCheckpoint(join(folder, 'checkpoint'), {
    change: (tensors) => {
      const name = 'language_model.layers.0.post_feedforward_layernorm.weight';
      tensors.set(
        name,
        floatTensor([HIDDEN], (index) => (index % 20 === 3 ? OUTLIER : 0)),
      );
    },
  });
  const logitsIn = async (dtype: Dtype): Promise<Float32Array[]> => {
    await convertCheckpoint({ from: join(folder, 'checkpoint'), to, dtype });
    const checkpoint = await openCheckpointFolder(to, dtype);
    const model = await LanguageModel.open(
      { ...checkpoint, appendedCacheDecoder: checkpoint.splitCacheDecoder },
      { provider: 'cpu' },
    );
    const reading = await model.read(prompt(9), features);
    const first = reading.logits;
    await reading.add(7);
    const second = reading.logits;
    reading.dispose();
    await model.close();
    return [first, second];
  };
  const exact = await logitsIn('q4');
  const halves = await logitsIn('q4f16');
  halves.forEach((logits, i) => {
    expect(logits.every(Number.isFinite)).toBe(true);
    // The perceptrons' blocks are finer than those of q4, which is most of the difference.
    expect(relativeDifference(logits, exact[i])).toBeLessThan(0.2);
  });
});

test('two prompts may be read at the same time', async () => {
  const { split, growing } = await openBoth('fp32');
  const first = await split.read(prompt(4), features);
  const second = await split.read(prompt(80), features);
  const reference = await growing.read(prompt(4), features);
  await expectEqual(first, reference, 3, 1e-5);
  for (const reading of [first, second, reference]) {
    reading.dispose();
  }
});
