import type { Mask, Size } from '../task.js';

/** A rectangle of whole pixels. */
export interface Place extends Size {
  /** Column and row of its first pixel in the upright picture. */
  readonly left: number;
  readonly top: number;
}

/** The pixels of a picture whose centre lies in a mask's box, at least one. */
export function placeOf({ box }: Mask, picture: Size): Place {
  const left = Math.max(Math.min(Math.round(box.left), picture.width - 1), 0);
  const top = Math.max(Math.min(Math.round(box.top), picture.height - 1), 0);
  return {
    left,
    top,
    width: Math.max(Math.min(Math.round(box.right), picture.width) - left, 1),
    height: Math.max(Math.min(Math.round(box.bottom), picture.height) - top, 1),
  };
}

/**
 * How much of each pixel belongs to the object, `[height * width]`, row by row: 0 for one outside, 255 for one inside,
 * between the two along the object's edge.
 *
 * The grid's numbers themselves are interpolated, bilinearly, as big_vision's evaluator does, which then takes what is
 * above 0 as inside. Here 0 becomes half coverage and -1..1 the range of it, so that the same edge comes out soft.
 *
 * @param place the part of the picture that is looked at
 * @param size in how many pixels it is told; fewer than `place` has where the picture is large
 */
export function coverageOf(
  { box, values, ...grid }: Mask,
  place: Place,
  { width, height }: Size = place,
): Uint8Array {
  const columns = samplesAlong(place.left - box.left, place.width, width, box.right - box.left, grid.width);
  const rows = samplesAlong(place.top - box.top, place.height, height, box.bottom - box.top, grid.height);
  const coverage = new Uint8Array(width * height);
  const blended = new Float32Array(grid.width);
  for (let y = 0; y < height; y++) {
    const upper = rows.first[y] * grid.width;
    const lower = rows.second[y] * grid.width;
    for (let x = 0; x < grid.width; x++) {
      blended[x] = mix(values[upper + x], values[lower + x], rows.share[y]);
    }
    for (let x = 0; x < width; x++) {
      const value = mix(blended[columns.first[x]], blended[columns.second[x]], columns.share[x]);
      coverage[y * width + x] = Math.round(Math.min(Math.max(value * 0.5 + 0.5, 0), 1) * 255);
    }
  }
  return coverage;
}

/** Between which two cells of an axis each sample lies, and how far towards the second. */
interface Samples {
  readonly first: Uint16Array;
  readonly second: Uint16Array;
  readonly share: Float32Array;
}

/**
 * @param offset of the place from the start of the box, in pixels of the picture
 * @param length of the place, in pixels of the picture
 * @param boxLength in pixels of the picture
 */
function samplesAlong(
  offset: number,
  length: number,
  samples: number,
  boxLength: number,
  cells: number,
): Samples {
  const first = new Uint16Array(samples);
  const second = new Uint16Array(samples);
  const share = new Float32Array(samples);
  for (let i = 0; i < samples; i++) {
    const place = ((offset + ((i + 0.5) * length) / samples) / boxLength) * cells - 0.5;
    const within = Math.min(Math.max(place, 0), cells - 1);
    first[i] = Math.floor(within);
    second[i] = Math.min(first[i] + 1, cells - 1);
    share[i] = within - first[i];
  }
  return { first, second, share };
}

function mix(a: number, b: number, shareOfB: number): number {
  return a + (b - a) * shareOfB;
}
