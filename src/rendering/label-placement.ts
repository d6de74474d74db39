import type { Box, Size } from '../task.js';

/**
 * Where a label of `label` pixels goes for an object at `box`, so that it lies inside the picture and covers
 * as little as can be of the labels already placed.
 *
 * The places tried, best first: above the box, inside its top, below it, inside its bottom; each at the box's
 * left edge, then at its right edge.
 */
export function placeLabel(label: Size, box: Box, picture: Size, placed: readonly Box[]): Box {
  const tops = [box.top - label.height, box.top, box.bottom, box.bottom - label.height];
  const lefts = [box.left, box.right - label.width];
  const candidates = lefts.flatMap((left) => tops.map((top) => clampInside({ left, top }, label, picture)));
  let best = candidates[0];
  let leastOverlap = Infinity;
  for (const candidate of candidates) {
    const overlap = placed.reduce((sum, other) => sum + overlapArea(candidate, other), 0);
    if (overlap < leastOverlap) {
      best = candidate;
      leastOverlap = overlap;
    }
  }
  return best;
}

function clampInside(corner: { left: number; top: number }, label: Size, picture: Size): Box {
  const left = Math.max(0, Math.min(corner.left, picture.width - label.width));
  const top = Math.max(0, Math.min(corner.top, picture.height - label.height));
  return { left, top, right: left + label.width, bottom: top + label.height };
}

/** The area in square pixels that two boxes share; 0 when they only touch. */
export function overlapArea(first: Box, second: Box): number {
  const width = Math.min(first.right, second.right) - Math.max(first.left, second.left);
  const height = Math.min(first.bottom, second.bottom) - Math.max(first.top, second.top);
  return Math.max(0, width) * Math.max(0, height);
}
