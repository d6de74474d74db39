import type { Box, Size } from '../task.js';

/** How wide lines are. Pixels of the canvas. */
export interface LineMeasures {
  readonly lineWidth: number;
  readonly haloWidth: number;
}

/** The measures of everything drawn, which grow with the picture. Pixels of the canvas. */
export interface Measures extends LineMeasures {
  readonly fontSize: number;
  readonly padding: number;
  /** Canvas pixels for each pixel that a person sees. */
  readonly density: number;
}

/** A strip is measured as if it were this many times as long as it is wide: a longer one has no larger objects. */
const LONGEST_SHAPE = 2.5;
/** Lines take at most this share of their object's shorter side. */
const LARGEST_LINE_SHARE = 1 / 10;

/** @param density canvas pixels for each pixel that a person sees */
export function measuresFor({ width, height }: Size, density = 1): Measures {
  const extent = Math.min(Math.max(width, height), LONGEST_SHAPE * Math.min(width, height));
  const lineWidth = Math.max(Math.round(2 * density), Math.round(extent / 220));
  const fontSize = Math.max(Math.round(14 * density), Math.round(extent / 34));
  return { lineWidth, haloWidth: Math.ceil(lineWidth / 2), ...textMeasures(fontSize), density };
}

/** Narrower lines around a small object, which would else be hidden by them. */
export function lineMeasuresFor(box: Box, { lineWidth, density }: Measures): LineMeasures {
  const shorterSide = Math.min(box.right - box.left, box.bottom - box.top);
  const width = Math.max(density, Math.min(lineWidth, Math.round(shorterSide * LARGEST_LINE_SHARE)));
  return { lineWidth: width, haloWidth: Math.ceil(width / 2) };
}

/** @param fontSize in pixels of the canvas */
export function textMeasures(fontSize: number): Pick<Measures, 'fontSize' | 'padding'> {
  return { fontSize, padding: Math.round(fontSize / 3) };
}
