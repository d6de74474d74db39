import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig, type CheckpointConfig } from '../../src/checkpoints/config.js';
import { convertCheckpoint } from '../../src/checkpoints/convert.js';
import { floats, GraphModel, relativeDifference } from '../support/graph-model.js';
import {
  pixelValues,
  readReference,
  REFERENCE_NAMES,
  REFERENCE_END,
  type Reference,
} from '../support/reference-fixtures.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import type { Dtype } from '../../src/task.js';

const SUFFIXES: Readonly<Record<Dtype, string>> = {
  fp32: '',
  fp16: '_fp16',
  q8: '_quantized',
  q4: '_q4',
  q4f16: '_q4f16',
};

interface Opened {
  readonly reference: Reference;
  readonly config: CheckpointConfig;
  readonly model: GraphModel;
}

async function converted(name: string, dtype: Dtype): Promise<Opened> {
  const reference = await readReference(name);
  const to = join(await temporaryFolder(), 'converted');
  await convertCheckpoint({ from: reference.checkpoint, to, dtype });
  const config = parseConfig(JSON.parse(await readFile(join(to, 'config.json'), 'utf8')));
  return { reference, config, model: await GraphModel.open(to, config, SUFFIXES[dtype]) };
}

/** The greatest differences, over all cases, of features and of the first token's logits. */
async function differences({ reference, model }: Opened): Promise<{ features: number; logits: number }> {
  const worst = { features: 0, logits: 0 };
  for (const { pixels, features, logits, inputIds } of reference.cases) {
    const picture = pixelValues(reference.tensors.bytes(pixels));
    const seen = relativeDifference(await model.features(picture), reference.tensors.floats(features));
    const { logits: said } = await model.decode(await model.prompt(inputIds, picture));
    worst.features = Math.max(worst.features, seen);
    worst.logits = Math.max(worst.logits, relativeDifference(said, reference.tensors.floats(logits)));
  }
  return worst;
}

test.each(REFERENCE_NAMES)('%s: 32-bit floats give what transformers gives', async (name) => {
  const opened = await converted(name, 'fp32');
  const { features, logits } = await differences(opened);
  expect(features).toBeLessThan(1e-5);
  expect(logits).toBeLessThan(1e-4);
  for (const { inputIds, tokens, pixels } of opened.reference.cases) {
    const picture = pixelValues(opened.reference.tensors.bytes(pixels));
    expect(await opened.model.greedy(inputIds, picture, tokens.length, REFERENCE_END)).toEqual(tokens);
  }
  await opened.model.close();
});

test.each(REFERENCE_NAMES)('%s: the first position sees the last word of the prompt', async (name) => {
  const { reference, model } = await converted(name, 'fp32');
  const { bidirectional } = reference;
  if (bidirectional !== null) {
    const [one, other] = bidirectional.keys.map((key) => reference.tensors.floats(key));
    expect(relativeDifference(one, other)).toBeGreaterThan(1e-2);
  }
  for (const [index, inputIds] of bidirectional?.inputIds.entries() ?? []) {
    const { layer, features, keys } = bidirectional ?? { layer: 0, features: '', keys: [] };
    const embeddings = await model.embed(inputIds);
    embeddings.set(reference.tensors.floats(features));
    const { present } = await model.decode(embeddings);
    const key = present.get(`present.${layer}.key`);
    const [, heads, positions, headSize] = key?.dims ?? [];
    const values = key === undefined ? new Float32Array(0) : floats(key);
    const first = Array.from({ length: heads }, (_, head) => {
      const start = head * positions * headSize;
      return [...values.subarray(start, start + headSize)];
    });
    expect(relativeDifference(first.flat(), reference.tensors.floats(keys[index]))).toBeLessThan(1e-4);
  }
  await model.close();
});

/**
 * Of features only: random weights with attention as sharp as these checkpoints' turn the least rounding into
 * another logit, which would tell nothing. `quantised-model.test.ts` bounds those of gentler weights.
 */
test.each<[Dtype, number]>([
  ['fp16', 0.001],
  ['q8', 0.04],
])('%s keeps the features within %d of what transformers gives', async (dtype, bound) => {
  for (const name of REFERENCE_NAMES) {
    const opened = await converted(name, dtype);
    expect((await differences(opened)).features).toBeLessThan(bound);
    await opened.model.close();
  }
});
