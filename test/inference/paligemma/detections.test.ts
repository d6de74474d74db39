import { expect, test } from 'vitest';
import { withMasks } from '../../../src/inference/paligemma/detections.js';
import type { FoundObject } from '../../../src/inference/paligemma/output.js';

const masks = { decode: () => Promise.resolve({ width: 1, height: 1, values: Float32Array.of(1) }) };
const square = (label: string, side: number, hasMask = true): FoundObject => ({
  label,
  box: { left: 0, top: 0, right: side, bottom: side },
  maskCodes: hasMask ? [] : undefined,
});

test('a mask is its grid and the box that this lies over, however many pixels that has', async () => {
  const detections = await withMasks([square('a', 100_000), square('b', 5, false)], masks);
  const box = { left: 0, top: 0, right: 100_000, bottom: 100_000 };
  expect(detections).toEqual([
    { label: 'a', box, mask: { box, width: 1, height: 1, values: Float32Array.of(1) } },
    { label: 'b', box: { left: 0, top: 0, right: 5, bottom: 5 } },
  ]);
});

test('without a mask decoder all objects keep their boxes', async () => {
  const detections = await withMasks([square('a', 30)], undefined);
  expect(detections).toEqual([{ label: 'a', box: { left: 0, top: 0, right: 30, bottom: 30 } }]);
});
