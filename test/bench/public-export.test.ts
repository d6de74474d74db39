import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writePublicExport } from '../../bench/full-size/public-export/public-export.js';
import { convertCheckpoint } from '../../src/checkpoints/convert.js';
import { openCheckpointFolder } from '../../src/inference/paligemma/checkpoint-folder.js';
import { LanguageModel } from '../../src/inference/paligemma/language-model.js';
import { VisionEncoder } from '../../src/inference/paligemma/vision-encoder.js';
import { relativeDifference } from '../support/graph-model.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { seededRandom, TINY_CONFIG, writeTinyCheckpoint } from '../support/tiny-checkpoint.js';

const options = { provider: 'cpu', threads: 1 } as const;
const SIDE = TINY_CONFIG.vision_config.image_size;

async function logitsOf(folder: string, dtype: 'q4' | 'fp32'): Promise<Float32Array[]> {
  const checkpoint = await openCheckpointFolder(folder, dtype);
  const vision = await VisionEncoder.open(checkpoint.visionEncoder, options);
  const language = await LanguageModel.open(checkpoint, options);
  const random = seededRandom(9);
  const pixels = Float32Array.from({ length: 3 * SIDE * SIDE }, () => 2 * random() - 1);
  const features = await vision.encode(pixels, { width: SIDE, height: SIDE });
  const ids = [...new Array<number>(features.tokens).fill(300), 2, 40, 17, 108];
  const reading = await language.read(ids, features);
  const logits = [reading.logits];
  for (const token of [5, 90, 200]) {
    await reading.add(token);
    logits.push(reading.logits);
  }
  reading.dispose();
  await vision.close();
  await language.close();
  return logits;
}

test('the export to compare with computes the same model, but for what 4 bits lose', async () => {
  const folder = await temporaryFolder();
  const from = join(folder, 'checkpoint');
  await writeTinyCheckpoint(from);
  await convertCheckpoint({ from, to: join(folder, 'ours'), dtype: 'fp32' });
  await writePublicExport(from, join(folder, 'public'));

  const exact = await logitsOf(join(folder, 'ours'), 'fp32');
  const traced = await logitsOf(join(folder, 'public'), 'q4');
  for (const [step, logits] of traced.entries()) {
    expect(relativeDifference(logits, exact[step])).toBeLessThan(0.25);
    expect(relativeDifference(logits, exact[step])).toBeGreaterThan(0);
  }
});
