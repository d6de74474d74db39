import type { Place } from '../../src/rendering/mask-coverage.js';
import type { Box } from '../../src/task.js';

/** Intersection over union of two boxes, 0 to 1. */
export function boxIou(first: Box, second: Box): number {
  const width = Math.min(first.right, second.right) - Math.max(first.left, second.left);
  const height = Math.min(first.bottom, second.bottom) - Math.max(first.top, second.top);
  const shared = Math.max(0, width) * Math.max(0, height);
  const union = area(first) + area(second) - shared;
  return union === 0 ? 0 : shared / union;
}

function area(box: Box): number {
  return (box.right - box.left) * (box.bottom - box.top);
}

/** A mask in pixels of its picture. */
export interface PixelMask extends Place {
  /** `[height * width]`, row by row: 0 outside the object, 255 inside. */
  readonly coverage: Uint8Array;
}

/** Intersection over union of two masks in the same picture, 0 to 1; a pixel counts from half coverage on. */
export function maskIou(first: PixelMask, second: PixelMask): number {
  let shared = 0;
  for (let y = Math.max(first.top, second.top); y < Math.min(bottom(first), bottom(second)); y++) {
    for (let x = Math.max(first.left, second.left); x < Math.min(right(first), right(second)); x++) {
      shared += covers(first, x, y) && covers(second, x, y) ? 1 : 0;
    }
  }
  const union = pixels(first) + pixels(second) - shared;
  return union === 0 ? 0 : shared / union;
}

const bottom = (mask: PixelMask): number => mask.top + mask.height;
const right = (mask: PixelMask): number => mask.left + mask.width;
const covers = (mask: PixelMask, x: number, y: number): boolean =>
  (mask.coverage[(y - mask.top) * mask.width + (x - mask.left)] ?? 0) >= 128;
const pixels = (mask: PixelMask): number =>
  mask.coverage.reduce((sum, coverage) => sum + (coverage >= 128 ? 1 : 0), 0);

interface Labelled {
  readonly label: string;
  readonly box: Box;
}

/**
 * Pairs what was found with what is there: the same label, and the best overlap first.
 *
 * @returns pairs of indices `[found, expected]` with their overlap, each index at most once
 */
export function matchBoxes(
  found: readonly Labelled[],
  expected: readonly Labelled[],
  leastIou: number,
): { found: number; expected: number; iou: number }[] {
  const pairs = found
    .flatMap((one, foundIndex) =>
      expected.map((other, expectedIndex) => ({
        found: foundIndex,
        expected: expectedIndex,
        iou: one.label === other.label ? boxIou(one.box, other.box) : 0,
      })),
    )
    .filter(({ iou }) => iou >= leastIou)
    .sort((first, second) => second.iou - first.iou);
  const matched: typeof pairs = [];
  for (const pair of pairs) {
    if (!matched.some((other) => other.found === pair.found || other.expected === pair.expected)) {
      matched.push(pair);
    }
  }
  return matched;
}

/** The fewest insertions, deletions and substitutions of characters that turn one text into the other. */
export function editDistance(first: string, second: string): number {
  const [from, to] = [Array.from(first), Array.from(second)];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  from.forEach((character, row) => {
    const current = [row + 1];
    to.forEach((other, column) => {
      current.push(
        Math.min(
          (previous[column + 1] ?? 0) + 1,
          (current[column] ?? 0) + 1,
          (previous[column] ?? 0) + (character === other ? 0 : 1),
        ),
      );
    });
    previous = current;
  });
  return previous[to.length] ?? 0;
}
