import { describe, expect, test } from 'vitest';
import { overlapArea, placeInCorner, placeLabel } from '../../src/rendering/label-placement.js';
import type { Box } from '../../src/task.js';

const picture = { width: 400, height: 300 };
const label = { width: 80, height: 20 };

describe('placeLabel', () => {
  test('puts a label above its box, at the left edge', () => {
    const box = { left: 100, top: 100, right: 200, bottom: 200 };
    expect(placeLabel(label, box, picture, { labels: [], objects: [] })).toStrictEqual({
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
      const place = placeLabel(label, { left, top, right: left + 10, bottom: top + 10 }, picture, {
        labels: [],
        objects: [],
      });
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
      const place = placeLabel(label, box, picture, { labels: placed, objects: [] });
      expect(placed.every((other) => overlapArea(place, other) === 0)).toBe(true);
      placed.push(place);
    }
  });

  test('goes where it hides no neighbour', () => {
    const box = { left: 100, top: 100, right: 200, bottom: 200 };
    const above = { left: 90, top: 60, right: 210, bottom: 98 };
    const below = { left: 90, top: 202, right: 210, bottom: 240 };
    const between = placeLabel(label, box, picture, { labels: [], objects: [above, below] });
    expect(overlapArea(between, above) + overlapArea(between, below)).toBe(0);
    const beneath = placeLabel(label, box, picture, { labels: [], objects: [above] });
    expect(beneath.top).toBe(200);
  });

  test('rather hides a little of something large than much of something small', () => {
    const box = { left: 100, top: 100, right: 130, bottom: 130 };
    const room = { left: 0, top: 0, right: 400, bottom: 300 };
    const face = { left: 100, top: 80, right: 115, bottom: 98 };
    const place = placeLabel(label, box, picture, { labels: [], objects: [room, face] });
    expect(overlapArea(place, face)).toBe(0);
    expect(placeLabel(label, box, picture, { labels: [], objects: [room] }).top).toBe(80);
  });

  test('a legend lies in the corner where it hides least', () => {
    const objects = [
      { left: 0, top: 0, right: 150, bottom: 150 },
      { left: 250, top: 0, right: 400, bottom: 150 },
      { left: 250, top: 150, right: 400, bottom: 300 },
    ];
    const place = placeInCorner({ width: 100, height: 60 }, picture, { labels: [], objects });
    expect(place).toEqual({ left: 0, top: 240, right: 100, bottom: 300 });
  });
});
