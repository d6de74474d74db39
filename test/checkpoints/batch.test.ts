import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/checkpoints/config.js';
import { convertCheckpoint } from '../../src/checkpoints/convert.js';
import { floats, GraphModel, relativeDifference } from '../support/graph-model.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { seededRandom, TINY_CONFIG, writeTinyCheckpoint } from '../support/tiny-checkpoint.js';

const { text, vision } = parseConfig(TINY_CONFIG);

test('pictures and prompts of a batch are answered as they are alone', async () => {
  const folder = await temporaryFolder();
  const to = join(folder, 'converted');
  await writeTinyCheckpoint(join(folder, 'checkpoint'));
  await convertCheckpoint({ from: join(folder, 'checkpoint'), to, dtype: 'fp32' });
  const graph = (name: string): Promise<InferenceSession> =>
    InferenceSession.create(join(to, 'onnx', `${name}.onnx`));
  const random = seededRandom(5);
  const alone = await GraphModel.open(to, parseConfig(TINY_CONFIG));

  const pixels = Array.from({ length: 2 }, () =>
    Float32Array.from({ length: 3 * vision.imageSize ** 2 }, () => 2 * random() - 1),
  );
  const { image_features: features } = await (
    await graph('vision_encoder')
  ).run({
    pixel_values: new Tensor('float32', joined(pixels), [2, 3, vision.imageSize, vision.imageSize]),
  });
  expect(features.dims).toEqual([2, vision.patches, text.hiddenSize]);
  const oneByOne = [await alone.features(pixels[0]), await alone.features(pixels[1])];
  expect(relativeDifference(floats(features), joined(oneByOne))).toBeLessThan(1e-5);

  const prompts = [await alone.embed([2, 7, 9]), await alone.embed([2, 30, 108])];
  const past = Object.fromEntries(
    Array.from({ length: text.layers }, (_, layer) => [`${layer}.key`, `${layer}.value`])
      .flat()
      .map((name) => [
        `past_key_values.${name}`,
        new Tensor('float32', new Float32Array(0), [2, text.keyValueHeads, 0, text.headSize]),
      ]),
  );
  const { logits } = await (
    await graph('decoder_model_merged')
  ).run({
    inputs_embeds: new Tensor('float32', joined(prompts), [2, 3, text.hiddenSize]),
    position_ids: new Tensor('int64', BigInt64Array.of(1n, 2n, 3n, 1n, 2n, 3n), [2, 3]),
    ...past,
  });
  const answers = [(await alone.decode(prompts[0])).logits, (await alone.decode(prompts[1])).logits];
  expect(relativeDifference(floats(logits), joined(answers))).toBeLessThan(1e-5);
  await alone.close();
});

function joined(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => [...part]));
}
