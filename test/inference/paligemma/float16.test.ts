import { describe, expect, test } from 'vitest';
import { toFloat32, toFloatType } from '../../../src/inference/paligemma/float16.js';

describe('half-precision bits of numbers, as IEEE 754 has them', () => {
  test.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [0.1, 0x2e66],
    [1 / 3, 0x3555],
    [65_504, 0x7bff],
    [65_519, 0x7bff],
    [65_520, 0x7c00],
    [-Infinity, 0xfc00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [1.5 * 2 ** -24, 0x0002],
    // Halfway between two: the even one.
    [2049, 0x6800],
    [2051, 0x6802],
    // Rounds up to the next power of two.
    [2047.9, 0x6800],
  ])('%d', (value, bits) => {
    expect(toFloatType(Float32Array.of(value), 'float16')[0]).toBe(bits);
  });
});

test('every half-precision number survives the way to single precision and back', () => {
  const bits = Uint16Array.from({ length: 65_536 }, (_, i) => i).filter((i) => (i & 0x7c00) !== 0x7c00);
  expect(toFloatType(toFloat32(bits), 'float16')).toEqual(bits);
});

test('not a number stays so', () => {
  expect(toFloat32(toFloatType(Float32Array.of(NaN), 'float16'))[0]).toBeNaN();
});

test('numbers that are of the type already are not copied', () => {
  const single = Float32Array.of(1);
  const half = Uint16Array.of(1);
  expect(toFloatType(single, 'float32')).toBe(single);
  expect(toFloatType(half, 'float16')).toBe(half);
});
