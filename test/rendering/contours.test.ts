import { describe, expect, test } from 'vitest';
import { contoursOf, type Point } from '../../src/rendering/contours.js';
import type { Mask } from '../../src/task.js';

const SIDE = 64;
const box = { left: 100, top: 50, right: 420, bottom: 210 };

/** Numbers from each cell's place, 0..1 rightwards and downwards. */
function mask(value: (x: number, y: number) => number): Mask {
  const values = Float32Array.from({ length: SIDE * SIDE }, (_, i) =>
    value(((i % SIDE) + 0.5) / SIDE, (Math.floor(i / SIDE) + 0.5) / SIDE),
  );
  return { box, width: SIDE, height: SIDE, values };
}

/** The area that a closed line runs around, in square pixels; negative when it runs the other way. */
function area(contour: readonly Point[]): number {
  return contour.reduce((sum, { x, y }, index) => {
    const next = contour[(index + 1) % contour.length];
    return sum + (x * next.y - next.x * y) / 2;
  }, 0);
}

describe('the edge of an object', () => {
  test('that fills its box is the box', () => {
    const contours = contoursOf(mask(() => 1));
    expect(contours).toHaveLength(1);
    expect(Math.abs(area(contours[0]))).toBeCloseTo(320 * 160, 6);
    const xs = contours[0].map(({ x }) => x);
    expect([Math.min(...xs), Math.max(...xs)]).toEqual([100, 420]);
  });

  test('of which nothing is inside is nowhere', () => {
    expect(contoursOf(mask(() => -1))).toEqual([]);
    expect(contoursOf(mask(() => 0))).toEqual([]);
  });

  test('lies where the numbers change sign, between cells too', () => {
    const [contour] = contoursOf(mask((x) => (0.3 - x) * 20));
    const right = Math.max(...contour.map(({ x }) => x));
    expect(right).toBeCloseTo(100 + 0.3 * 320, 3);
    expect(Math.abs(area(contour))).toBeCloseTo(0.3 * 320 * 160, 0);
  });

  test('of a ring is two lines, the inner the other way round', () => {
    const contours = contoursOf(mask((x, y) => 0.15 - Math.abs(Math.hypot(x - 0.5, y - 0.5) - 0.3)));
    expect(contours).toHaveLength(2);
    const areas = contours.map(area).sort((a, b) => Math.abs(b) - Math.abs(a));
    expect(Math.sign(areas[0])).toBe(-Math.sign(areas[1]));
    const unit = 320 * 160;
    expect(Math.abs(areas[0]) / unit).toBeCloseTo(Math.PI * 0.45 ** 2, 2);
    expect(Math.abs(areas[1]) / unit).toBeCloseTo(Math.PI * 0.15 ** 2, 2);
  });

  test('of what is in several pieces is as many lines, corner to corner too', () => {
    const checks = mask((x, y) => ((Math.floor(x * 4) + Math.floor(y * 4)) % 2 === 0 ? 1 : -1.01));
    const contours = contoursOf(checks);
    expect(contours).toHaveLength(8);
    const sum = contours.reduce((total, contour) => total + Math.abs(area(contour)), 0);
    expect(sum / (320 * 160)).toBeCloseTo(0.5, 1);
  });

  test('of a single cell is found', () => {
    const one = { box, width: 1, height: 1, values: Float32Array.of(0.5) };
    expect(Math.abs(area(contoursOf(one)[0]))).toBeCloseTo(320 * 160, 6);
  });
});
