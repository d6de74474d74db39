import { expect, test } from 'vitest';
import { quantise4, quantise8 } from '../../src/checkpoints/quantise-blocks.js';
import { seededRandom } from '../support/tiny-checkpoint.js';

/** Normally distributed, by the sum of uniform numbers. */
function normal(length: number): Float32Array {
  const random = seededRandom(7);
  return Float32Array.from({ length }, () => Array.from({ length: 12 }, random).reduce((a, b) => a + b) - 6);
}

/** What a matrix of `columns` columns is after 4 bits, read as MatMulNBits reads it. */
function through4Bits(weights: Float32Array, columns: number, length: 32 | 128): Float32Array {
  const [values, scales, zeroPoints] = quantise4(weights, columns, length);
  const blocks = Math.ceil(columns / length);
  const half = (bytes: Uint8Array, index: number): number => (bytes[index >> 1] >> (4 * (index & 1))) & 15;
  return weights.map((_, index) => {
    const row = Math.floor(index / columns);
    const column = index % columns;
    const block = Math.floor(column / length);
    const zeroPoint = half(zeroPoints.subarray(row * Math.ceil(blocks / 2)), block);
    const scale = scales[row * blocks + block];
    return (half(values, (row * blocks + block) * length + (column % length)) - zeroPoint) * scale;
  });
}

function relativeError(weights: Float32Array, stored: Float32Array): number {
  let error = 0;
  let total = 0;
  weights.forEach((weight, index) => {
    error += (weight - stored[index]) ** 2;
    total += weight ** 2;
  });
  return Math.sqrt(error / total);
}

test('8 bits leave little more than half a percent of error', () => {
  const weights = normal(64 * 1024);
  const [values, scales] = quantise8(weights, 1024);
  const stored = weights.map((_, index) => (values[index] - 128) * scales[index >> 7]);
  expect(relativeError(weights, stored)).toBeLessThan(0.0065);
});

test.each([
  [32, 0.08],
  [128, 0.097],
] as const)('4 bits in blocks of %d leave %d of error, on weights far from zero less', (length, most) => {
  const weights = normal(64 * 1024);
  expect(relativeError(weights, through4Bits(weights, 1024, length))).toBeLessThan(most);
  const positive = weights.map((weight) => 10 + weight);
  expect(relativeError(positive, through4Bits(positive, 1024, length))).toBeLessThan(0.05);
});

test('zeros stay zeros, among others and alone', () => {
  const weights = normal(64).map((weight, index) => (index % 3 === 0 || index >= 32 ? 0 : weight));
  const stored = through4Bits(weights, 64, 32);
  expect([...stored].filter((value, index) => weights[index] === 0 && value !== 0)).toEqual([]);
});

test('rows that do not fill their last block are padded with what stands for zero', () => {
  const [values, scales, zeroPoints] = quantise4(normal(2 * 40), 40, 32);
  expect([values.length, scales.length, zeroPoints.length]).toEqual([2 * 2 * 16, 2 * 2, 2]);
  const paddingOfFirstRow = [...values.subarray(16 + 4, 32)];
  const zeroPoint = zeroPoints[0] >> 4;
  expect(new Set(paddingOfFirstRow)).toEqual(new Set([zeroPoint | (zeroPoint << 4)]));
  const [wide] = quantise8(normal(40), 40);
  expect([...wide.subarray(40)]).toEqual(Array.from({ length: 88 }, () => 128));
});
