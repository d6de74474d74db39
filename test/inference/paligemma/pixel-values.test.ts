import { expect, test } from 'vitest';
import { pixelValues } from '../../../src/inference/paligemma/pixel-values.js';

const size = { width: 2, height: 1 };
const half: [number, number, number] = [0.5, 0.5, 0.5];

test('channels lie one after the other, each value mapped to v / 127.5 - 1', () => {
  const pixels = Uint8Array.of(0, 51, 102, 153, 204, 255);
  const values = pixelValues(pixels, size, { size, rescaleFactor: 1 / 255, mean: half, std: half });
  const expected = [0, 153, 51, 204, 102, 255].map((value) => Math.fround(value / 127.5 - 1));
  expect(values).toHaveLength(6);
  values.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 6);
  });
});

test('another mean, deviation and factor of the checkpoint apply, channel by channel', () => {
  const values = pixelValues(Uint8Array.of(10, 10, 10, 10, 10, 10), size, {
    size,
    rescaleFactor: 0.1,
    mean: [0, 1, 0.5],
    std: [1, 0.5, 2],
  });
  expect([...values]).toEqual([1, 1, 0, 0, 0.25, 0.25]);
});
