import type { Box, Size } from '../task.js';

/** What a label had better not hide. All in pixels of the canvas. */
export interface Surroundings {
  /** Labels already placed. */
  readonly labels: readonly Box[];
  /** The other objects. */
  readonly objects: readonly Box[];
}

/** How much worse than hiding another object it is to hide as large a share of a label, which can then not be read. */
const LABEL_WEIGHT = 10;
/** How bad it is to hide the labelled object itself: half as bad as another one. */
const OWN_WEIGHT = 0.5;
/** Places that differ by less than this share of an object are equally good; the usual one is then taken. */
const STEP = 0.05;

/**
 * Where a label of `label` pixels goes for an object at `box`, so that it lies inside the picture and hides as little as
 * can be of labels and objects.
 *
 * The places tried, best first: above the box, inside its top, below it, inside its bottom; each at the box's left edge,
 * then at its right edge; at last beside it.
 */
export function placeLabel(label: Size, box: Box, picture: Size, surroundings: Surroundings): Box {
  const tops = [box.top - label.height, box.top, box.bottom, box.bottom - label.height];
  const lefts = [box.left, box.right - label.width];
  const corners = [
    ...lefts.flatMap((left) => tops.map((top) => ({ left, top }))),
    { left: box.right, top: box.top },
    { left: box.left - label.width, top: box.top },
  ];
  return leastHiding(
    corners.map((corner) => clampInside(corner, label, picture)),
    (place) => hidden(place, surroundings) + OWN_WEIGHT * shareHidden(box, place),
  );
}

/** Where in the corners of the picture a panel of `panel` pixels hides least. */
export function placeInCorner(panel: Size, picture: Size, surroundings: Surroundings): Box {
  const [right, bottom] = [picture.width - panel.width, picture.height - panel.height];
  const corners = [
    { left: 0, top: 0 },
    { left: right, top: 0 },
    { left: 0, top: bottom },
    { left: right, top: bottom },
  ];
  return leastHiding(
    corners.map((corner) => clampInside(corner, panel, picture)),
    (place) => hidden(place, surroundings),
  );
}

function leastHiding(places: readonly Box[], hiding: (place: Box) => number): Box {
  let best = places[0];
  let least = Infinity;
  for (const place of places) {
    const steps = Math.round(hiding(place) / STEP);
    if (steps < least) {
      best = place;
      least = steps;
    }
  }
  return best;
}

function hidden(place: Box, { labels, objects }: Surroundings): number {
  const sum = (boxes: readonly Box[]): number =>
    boxes.reduce((total, box) => total + shareHidden(box, place), 0);
  return LABEL_WEIGHT * sum(labels) + sum(objects);
}

/** How much of `box` lies under `place`, 0 to 1. */
function shareHidden(box: Box, place: Box): number {
  const area = (box.right - box.left) * (box.bottom - box.top);
  return area === 0 ? 0 : overlapArea(box, place) / area;
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
