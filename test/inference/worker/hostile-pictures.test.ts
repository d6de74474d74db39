import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { DecodingWorker } from '../../support/decoding-worker.js';
import { hostilePictures } from '../../support/hostile/hostile-pictures.js';
import { UNDER_TSX } from '../../support/worker-jobs.js';

const ENTRY = fileURLToPath(new URL('../../../src/inference/worker/worker.ts', import.meta.url));

const worker = new DecodingWorker(ENTRY, UNDER_TSX);

afterAll(async () => {
  await worker.close();
});

test('files that are meant to do harm are decoded or refused in a sentence, and the worker lives on', async () => {
  const troubles: string[] = [];
  const counts = { decoded: 0, refused: 0 };
  for await (const { name, bytes } of hostilePictures({ count: 500, heavy: false })) {
    const decoding = await worker.decode(bytes);
    if (decoding === 'failed' || decoding === 'died') {
      troubles.push(`${name}: ${decoding}`);
    } else {
      counts[decoding]++;
    }
  }
  expect(troubles).toEqual([]);
  expect(counts.decoded).toBeGreaterThan(50);
  expect(counts.refused).toBeGreaterThan(50);
});

test.runIf(process.platform === 'linux')('and small files do not become large there', async () => {
  const { peak } = await worker.memory();
  expect(peak).toBeLessThan(700e6);
});
