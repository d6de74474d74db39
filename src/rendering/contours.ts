import type { Mask } from '../task.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Samples for each cell of the grid and direction: as many as make straight lines look like the curve between them. */
const SAMPLES_PER_CELL = 4;

/**
 * The edge of an object, as closed lines in pixels of the picture: where the bilinear interpolation of the mask's numbers
 * changes its sign, and along the box where they are above 0 there. Holes run the other way round.
 *
 * Marching squares over a lattice of samples.
 */
export function contoursOf(mask: Mask): Point[][] {
  const lattice = new Lattice(mask);
  const next = new Map<number, number>();
  for (let y = -1; y < lattice.rows; y++) {
    for (let x = -1; x < lattice.columns; x++) {
      lattice.linkEdgesOf(x, y, next);
    }
  }
  const contours: Point[][] = [];
  for (const [start] of next) {
    const contour: Point[] = [];
    let edge: number | undefined = start;
    while (edge !== undefined && next.has(edge)) {
      contour.push(lattice.crossing(edge));
      const following = next.get(edge);
      next.delete(edge);
      edge = following;
    }
    contours.push(contour);
  }
  return contours;
}

/** Samples of a mask on all of its box, with a ring around them that is outside the object. */
class Lattice {
  readonly columns: number;
  readonly rows: number;
  readonly #mask: Mask;
  readonly #values: Float32Array;

  constructor(mask: Mask) {
    this.#mask = mask;
    this.columns = mask.width * SAMPLES_PER_CELL + 1;
    this.rows = mask.height * SAMPLES_PER_CELL + 1;
    this.#values = new Float32Array(this.columns * this.rows);
    for (let y = 0; y < this.rows; y++) {
      for (let x = 0; x < this.columns; x++) {
        this.#values[y * this.columns + x] = interpolated(
          mask,
          x / SAMPLES_PER_CELL - 0.5,
          y / SAMPLES_PER_CELL - 0.5,
        );
      }
    }
  }

  /** Notes for each edge of one square at which the object's edge comes in at which it goes out again. */
  linkEdgesOf(x: number, y: number, next: Map<number, number>): void {
    // Clockwise from the upper left, as are the edges that begin at them.
    const corners = [
      this.#value(x, y),
      this.#value(x + 1, y),
      this.#value(x + 1, y + 1),
      this.#value(x, y + 1),
    ];
    const inside = corners.map((value) => value > 0);
    if (inside.every((one) => one === inside[0])) {
      return;
    }
    const edges = [
      this.#edge(x, y, 0),
      this.#edge(x + 1, y, 1),
      this.#edge(x, y + 1, 0),
      this.#edge(x, y, 1),
    ];
    const crossed = [0, 1, 2, 3].filter((corner) => inside[corner] !== inside[(corner + 1) % 4]);
    // Two opposite corners are inside: one piece or two, as the middle of the square says.
    const joined = corners.reduce((sum, value) => sum + value, 0) > 0;
    crossed.forEach((corner, index) => {
      if (!inside[corner]) {
        const other = crossed[(index + (joined ? crossed.length - 1 : 1)) % crossed.length];
        next.set(edges[corner], edges[other]);
      }
    });
  }

  /** Where the object's edge crosses an edge of the lattice, in pixels of the picture. */
  crossing(edge: number): Point {
    const vertical = edge % 2;
    const position = (edge - vertical) / 2;
    const x = (position % (this.columns + 2)) - 1;
    const y = Math.floor(position / (this.columns + 2)) - 1;
    const [from, to] = [this.#value(x, y), this.#value(x + 1 - vertical, y + vertical)];
    // The ring lies on the border of the box: whatever lies between the two is the border.
    const share = Number.isFinite(from) && Number.isFinite(to) ? from / (from - to) : 0;
    const { left, top, right, bottom } = this.#mask.box;
    const along = (place: number, samples: number): number => Math.min(Math.max(place / (samples - 1), 0), 1);
    return {
      x: left + (right - left) * along(x + (vertical === 1 ? 0 : share), this.columns),
      y: top + (bottom - top) * along(y + (vertical === 1 ? share : 0), this.rows),
    };
  }

  #value(x: number, y: number): number {
    return x < 0 || y < 0 || x >= this.columns || y >= this.rows
      ? -Infinity
      : this.#values[y * this.columns + x];
  }

  /** A number for the edge from a sample to its right neighbour (0) or its lower one (1). */
  #edge(x: number, y: number, vertical: 0 | 1): number {
    return ((y + 1) * (this.columns + 2) + x + 1) * 2 + vertical;
  }
}

/** @param x in cells from the centre of the first one */
function interpolated({ values, width, height }: Mask, x: number, y: number): number {
  const [column, row] = [Math.min(Math.max(x, 0), width - 1), Math.min(Math.max(y, 0), height - 1)];
  const [left, top] = [Math.floor(column), Math.floor(row)];
  const [right, bottom] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)];
  const mix = (a: number, b: number, shareOfB: number): number => a + (b - a) * shareOfB;
  return mix(
    mix(values[top * width + left], values[top * width + right], column - left),
    mix(values[bottom * width + left], values[bottom * width + right], column - left),
    row - top,
  );
}
