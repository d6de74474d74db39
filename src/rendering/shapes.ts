import type { Box, Size } from '../task.js';
import { placeLabel } from './label-placement.js';
import type { Stroke } from './palette.js';

/** UTF-16 code units. */
const LONGEST_LABEL = 400;

/** What drawing needs of a 2D canvas: the worker's has it, and a browser's. */
export interface Context2D {
  readonly canvas: Size;
  lineJoin: unknown;
  lineWidth: number;
  strokeStyle: unknown;
  fillStyle: unknown;
  font: string;
  textBaseline: unknown;
  save(): void;
  restore(): void;
  strokeRect(left: number, top: number, width: number, height: number): void;
  setLineDash(segments: number[]): void;
  measureText(text: string): { readonly width: number };
  beginPath(): void;
  roundRect(left: number, top: number, width: number, height: number, radius: number): void;
  fill(): void;
  stroke(): void;
  fillText(text: string, left: number, top: number): void;
}

/** The measures of everything drawn, which grow with the picture. All in pixels. */
export interface Measures {
  readonly lineWidth: number;
  readonly haloWidth: number;
  readonly fontSize: number;
  readonly padding: number;
}

/** @param density canvas pixels for each pixel that a person sees */
export function measuresFor({ width, height }: Size, density = 1): Measures {
  const longer = Math.max(width, height);
  const lineWidth = Math.max(Math.round(2 * density), Math.round(longer / 220));
  const fontSize = Math.max(Math.round(14 * density), Math.round(longer / 34));
  return { lineWidth, haloWidth: Math.ceil(lineWidth / 2), fontSize, padding: Math.round(fontSize / 3) };
}

/** A coloured line between two dark ones, which shows on any background. */
export function drawBox(context: Context2D, box: Box, stroke: Stroke, measures: Measures): void {
  const outside = measures.lineWidth / 2 + measures.haloWidth;
  // Drawn inwards where the box meets the picture's edge, so that no side of it disappears.
  const left = Math.max(box.left, outside);
  const top = Math.max(box.top, outside);
  const right = Math.min(box.right, context.canvas.width - outside);
  const bottom = Math.min(box.bottom, context.canvas.height - outside);

  context.save();
  context.lineJoin = 'round';
  context.strokeStyle = 'rgba(0, 0, 0, 0.75)';
  context.lineWidth = measures.lineWidth + 2 * measures.haloWidth;
  context.strokeRect(left, top, right - left, bottom - top);
  context.strokeStyle = stroke.colour;
  context.lineWidth = measures.lineWidth;
  context.setLineDash(stroke.dashed ? [measures.lineWidth * 4, measures.lineWidth * 2] : []);
  context.strokeRect(left, top, right - left, bottom - top);
  context.restore();
}

export interface LabelOptions {
  /** The object's, in pixels of the canvas. */
  readonly box: Box;
  readonly stroke: Stroke;
  readonly measures: Measures;
  readonly fontFamily: string;
  /** Of the canvas. Pixels. */
  readonly size: Size;
  /** Where labels lie already. */
  readonly placed: readonly Box[];
}

/** @returns where the label lies, in pixels of the canvas */
export function drawLabel(
  context: Context2D,
  text: string,
  { box, stroke, measures, fontFamily, size, placed }: LabelOptions,
): Box {
  context.save();
  context.font = `600 ${measures.fontSize}px ${fontFamily}`;
  context.textBaseline = 'middle';
  const shown = shorten(context, text, size.width - 2 * measures.padding);
  const label = {
    width: Math.min(size.width, Math.ceil(context.measureText(shown).width) + 2 * measures.padding),
    height: Math.min(size.height, Math.ceil(measures.fontSize * 1.4)),
  };
  const place = placeLabel(label, box, size, placed);
  context.fillStyle = stroke.colour;
  context.strokeStyle = 'rgba(0, 0, 0, 0.75)';
  context.lineWidth = 1;
  context.beginPath();
  context.roundRect(place.left, place.top, label.width, label.height, measures.padding / 2);
  context.fill();
  context.stroke();
  context.fillStyle = stroke.textColour;
  context.fillText(shown, place.left + measures.padding, place.top + label.height / 2);
  context.restore();
  return place;
}

/** The text, or as much of it as `width` pixels hold, with an ellipsis. */
function shorten(context: Context2D, text: string, width: number): string {
  // No label shows more than this, and measuring a text takes time that grows with its length.
  const characters = [...new Intl.Segmenter().segment(text.slice(0, LONGEST_LABEL))].map(
    ({ segment }) => segment,
  );
  if (text.length <= LONGEST_LABEL && context.measureText(text).width <= width) {
    return text;
  }
  let fitting = 0;
  let tooMany = characters.length + 1;
  while (tooMany - fitting > 1) {
    const middle = (fitting + tooMany) >> 1;
    const fits = context.measureText(`${characters.slice(0, middle).join('')}…`).width <= width;
    [fitting, tooMany] = fits ? [middle, tooMany] : [fitting, middle];
  }
  return `${characters.slice(0, fitting).join('')}…`;
}
