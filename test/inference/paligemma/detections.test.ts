import { expect, test } from 'vitest';
import { withMasks } from '../../../src/inference/paligemma/detections.js';
import type { FoundObject } from '../../../src/inference/paligemma/output.js';

const picture = { width: 100, height: 100 };
const masks = { decode: () => Promise.resolve({ width: 1, height: 1, values: Float32Array.of(1) }) };
const square = (label: string, side: number, hasMask = true): FoundObject => ({
  label,
  box: { left: 0, top: 0, right: side, bottom: side },
  maskCodes: hasMask ? [] : undefined,
});

test('masks that would exceed the budget are left out, smaller ones after them are not', async () => {
  const objects = [square('a', 30), square('b', 20), square('c', 10), square('d', 10), square('e', 5, false)];
  const detections = await withMasks(objects, picture, masks, 1100);
  expect(detections.map(({ label, mask }) => [label, mask?.coverage.length])).toEqual([
    ['a', 900],
    ['b', undefined],
    ['c', 100],
    ['d', 100],
    ['e', undefined],
  ]);
});

test('without a mask decoder all objects keep their boxes', async () => {
  const detections = await withMasks([square('a', 30)], picture, undefined);
  expect(detections).toEqual([{ label: 'a', box: { left: 0, top: 0, right: 30, bottom: 30 } }]);
});
