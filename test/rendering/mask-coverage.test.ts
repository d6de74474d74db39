import { describe, expect, test } from 'vitest';
import { coverageOf, placeOf, type Place } from '../../src/rendering/mask-coverage.js';
import type { Box, Mask, Size } from '../../src/task.js';

const picture = { width: 400, height: 300 };

/** 64 by 64 numbers from each cell's place, 0..1 rightwards and downwards. */
function grid(value: (x: number, y: number) => number): Omit<Mask, 'box'> {
  const values = Float32Array.from({ length: 64 * 64 }, (_, i) =>
    value(((i % 64) + 0.5) / 64, (Math.floor(i / 64) + 0.5) / 64),
  );
  return { width: 64, height: 64, values };
}

function spreadMask(
  numbers: Omit<Mask, 'box'>,
  box: Box,
  within: Size,
): Place & { readonly coverage: Uint8Array } {
  const mask = { ...numbers, box };
  const place = placeOf(mask, within);
  return { ...place, coverage: coverageOf(mask, place) };
}

test('a mask covers the pixels whose centre lies in its box', () => {
  const mask = spreadMask(
    grid(() => 1),
    { left: 10.4, top: 20.6, right: 110.6, bottom: 60.4 },
    picture,
  );
  expect(mask).toMatchObject({ left: 10, top: 21, width: 101, height: 39 });
  expect(mask.coverage).toHaveLength(101 * 39);
});

describe('numbers become coverage', () => {
  test.each([
    [1, 255],
    [7, 255],
    [-1, 0],
    [-7, 0],
    [0.001, 128],
    [-0.01, 126],
  ])('%d to %i', (value, coverage) => {
    const { coverage: all } = spreadMask(
      grid(() => value),
      { left: 0, top: 0, right: 9, bottom: 9 },
      picture,
    );
    expect(new Set(all)).toEqual(new Set([coverage]));
  });
});

test('half coverage falls where the numbers change sign, at any size and offset of the box', () => {
  for (const [left, width] of [
    [0, 64],
    [10.3, 250.5],
    [100.7, 31],
  ]) {
    // The sign changes a quarter along the box; 0.1 of the box is the whole range from 0 to 255.
    const mask = spreadMask(
      grid((x) => (0.25 - x) * 20),
      { left, top: 0, right: left + width, bottom: 20 },
      picture,
    );
    const edge = mask.coverage.subarray(0, mask.width).findIndex((value) => value < 128);
    expect(Math.abs(mask.left + edge - (left + width / 4))).toBeLessThanOrEqual(1);
  }
});

test('rows run downwards', () => {
  const mask = spreadMask(
    grid((_, y) => (y < 0.5 ? 1 : -1)),
    { left: 0, top: 0, right: 10, bottom: 20 },
    picture,
  );
  expect(mask.coverage[0]).toBe(255);
  expect(mask.coverage.at(-1)).toBe(0);
});

test.each([
  [
    'less than a pixel',
    { left: 5.6, top: 7.6, right: 5.7, bottom: 7.9 },
    { left: 6, top: 8, width: 1, height: 1 },
  ],
  [
    'at the far corner',
    { left: 399.8, top: 299.9, right: 400, bottom: 300 },
    { left: 399, top: 299, width: 1, height: 1 },
  ],
  [
    'the whole picture',
    { left: 0, top: 0, right: 400, bottom: 300 },
    { left: 0, top: 0, width: 400, height: 300 },
  ],
])('a box of %s gives a mask within the picture', (_name, box, expected) => {
  const { left, top, width, height } = spreadMask(
    grid(() => 1),
    box,
    picture,
  );
  expect({ left, top, width, height }).toEqual(expected);
});

test('told in fewer pixels, it is the same shape', () => {
  const mask = {
    ...grid((x, y) => (x < 0.25 || y > 0.75 ? 1 : -1)),
    box: { left: 0, top: 0, right: 400, bottom: 300 },
  };
  const small = coverageOf(mask, placeOf(mask, picture), { width: 40, height: 30 });
  const large = coverageOf(mask, placeOf(mask, picture));
  for (const [x, y] of [
    [3, 3],
    [20, 5],
    [20, 28],
    [39, 20],
  ]) {
    expect(small[y * 40 + x]).toBe(large[(y * 10 + 5) * 400 + x * 10 + 5]);
  }
});
