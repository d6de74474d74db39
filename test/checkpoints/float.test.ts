import { expect, test } from 'vitest';
import { toFloat16, toFloat32 } from '../../src/checkpoints/float.js';

const halves = (...bits: number[]): Uint8Array => new Uint8Array(Uint16Array.from(bits).buffer);
const toHalfBits = (...values: number[]): number[] => [...toFloat16(Float32Array.from(values))];

test('every 16-bit float keeps its value through 32 bits and back', () => {
  const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
  const values = toFloat32(new Uint8Array(all.buffer), 'F16');
  const changed = [...toFloat16(values)].filter(
    (bits, index) => bits !== index && !Number.isNaN(values[index]),
  );
  expect(changed).toEqual([]);
});

test('16-bit floats have the values that IEEE 754 gives them', () => {
  const bits = halves(0x0000, 0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x7c00, 0x3555);
  const expected = [0, 1, -2, 65_504, 2 ** -14, 2 ** -24, Infinity, 0.333251953125];
  expect([...toFloat32(bits, 'F16')]).toEqual(expected);
});

test('rounding to 16 bits goes to the nearest, and to even where two are as near', () => {
  expect(toHalfBits(1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -11 + 2 ** -20)).toEqual([
    0x3c00, 0x3c02, 0x3c01,
  ]);
  expect(toHalfBits(2 ** -25, 3 * 2 ** -25, 2 ** -26)).toEqual([0x0000, 0x0002, 0x0000]);
  expect(toHalfBits(65_519, 65_520, -1e9, NaN)).toEqual([0x7bff, 0x7c00, 0xfc00, 0x7e00]);
});

test('a bfloat16 is the upper half of a 32-bit float', () => {
  expect([...toFloat32(halves(0x3f80, 0xc040, 0x7f80), 'BF16')]).toEqual([1, -3, Infinity]);
});
