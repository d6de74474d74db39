import { describe, expect, test } from 'vitest';
import { overlapArea, placeLabel } from '../../src/rendering/label-placement.js';
import type { Box } from '../../src/task.js';

const picture = { width: 400, height: 300 };
const label = { width: 80, height: 20 };

describe('placeLabel', () => {
  test('puts a label above its box, at the left edge', () => {
    const box = { left: 100, top: 100, right: 200, bottom: 200 };
    expect(placeLabel(label, box, picture, [])).toStrictEqual({
      left: 100,
      top: 80,
      right: 180,
      bottom: 100,
    });
  });

  test('keeps a label inside the picture wherever the box lies', () => {
    for (const [left, top] of [
      [0, 0],
      [390, 0],
      [0, 290],
      [390, 290],
    ] as const) {
      const place = placeLabel(label, { left, top, right: left + 10, bottom: top + 10 }, picture, []);
      expect(place.left).toBeGreaterThanOrEqual(0);
      expect(place.top).toBeGreaterThanOrEqual(0);
      expect(place.right).toBeLessThanOrEqual(picture.width);
      expect(place.bottom).toBeLessThanOrEqual(picture.height);
    }
  });

  test('moves a label that would cover another', () => {
    const box = { left: 100, top: 100, right: 200, bottom: 200 };
    const placed: Box[] = [];
    for (let count = 0; count < 4; count++) {
      const place = placeLabel(label, box, picture, placed);
      expect(placed.every((other) => overlapArea(place, other) === 0)).toBe(true);
      placed.push(place);
    }
  });
});
