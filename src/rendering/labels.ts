import type { Box, Size } from '../task.js';
import type { Context2D } from './context-2d.js';
import { placeInCorner, placeLabel, type Surroundings } from './label-placement.js';
import { textMeasures, type Measures } from './measures.js';
import type { Stroke } from './palette.js';

/** UTF-16 code units. */
const LONGEST_LABEL = 400;
/** Families of emoji are the longest characters that are written. UTF-16 code units. */
const LONGEST_CHARACTER = 64;
/** How high a line of text is, for each pixel of its font. */
const LINE_HEIGHT = 1.4;

export interface LabelOptions {
  readonly measures: Pick<Measures, 'fontSize' | 'padding'>;
  /** As CSS names fonts. */
  readonly fontFamily: string;
  readonly surroundings: Surroundings;
}

/**
 * @param box the object's, in pixels of the canvas
 * @returns where the label lies, in pixels of the canvas
 */
export function drawLabel(
  context: Context2D,
  text: string,
  box: Box,
  stroke: Stroke,
  { measures, fontFamily, surroundings }: LabelOptions,
): Box {
  const size = context.canvas;
  context.save();
  setFont(context, measures.fontSize, fontFamily);
  const shown = shorten(context, text, size.width - 2 * measures.padding);
  const label = panelSize(context, [shown], measures, size);
  const place = placeLabel(label, box, size, surroundings);
  drawPanel(context, place, { fill: stroke.colour, radius: measures.padding / 2 });
  context.fillStyle = stroke.textColour;
  context.fillText(shown, place.left + measures.padding, place.top + label.height / 2);
  context.restore();
  return place;
}

/**
 * Says what numbers stand for, in the corner where that hides least.
 *
 * @returns where it lies, in pixels of the canvas
 */
export function drawLegend(
  context: Context2D,
  lines: readonly string[],
  { measures, fontFamily, surroundings }: LabelOptions,
): Box {
  const size = context.canvas;
  context.save();
  setFont(context, measures.fontSize, fontFamily);
  const shown = lines.map((line) => shorten(context, line, size.width - 2 * measures.padding));
  const legend = panelSize(context, shown, measures, size);
  const place = placeInCorner(legend, size, surroundings);
  drawPanel(context, place, { fill: '#000000', radius: measures.padding / 2 });
  context.fillStyle = '#ffffff';
  const lineHeight = legend.height / lines.length;
  shown.forEach((line, index) => {
    context.fillText(line, place.left + measures.padding, place.top + lineHeight * (index + 0.5));
  });
  context.restore();
  return place;
}

/** Smaller letters for a number on an object that is itself small, but not so small that nobody can read them. */
export function numberMeasures(box: Box, { fontSize }: Measures): Pick<Measures, 'fontSize' | 'padding'> {
  const shorterSide = Math.min(box.right - box.left, box.bottom - box.top);
  return textMeasures(Math.round(Math.max(fontSize * 0.6, Math.min(fontSize, shorterSide * 0.4))));
}

function setFont(context: Context2D, fontSize: number, fontFamily: string): void {
  context.font = `600 ${fontSize}px ${fontFamily}`;
  context.textBaseline = 'middle';
}

function panelSize(
  context: Context2D,
  lines: readonly string[],
  { fontSize, padding }: LabelOptions['measures'],
  limit: Size,
): Size {
  const widest = Math.max(...lines.map((line) => context.measureText(line).width));
  return {
    width: Math.min(limit.width, Math.ceil(widest) + 2 * padding),
    height: Math.min(limit.height, Math.ceil(fontSize * LINE_HEIGHT) * lines.length),
  };
}

function drawPanel(
  context: Context2D,
  { left, top, right, bottom }: Box,
  { fill, radius }: { readonly fill: string; readonly radius: number },
): void {
  context.fillStyle = fill;
  context.strokeStyle = 'rgba(0, 0, 0, 0.75)';
  context.lineWidth = 1;
  context.beginPath();
  context.roundRect(left, top, right - left, bottom - top, radius);
  context.fill();
  context.stroke();
}

/** The text, or as much of it as `width` pixels hold, with an ellipsis. */
function shorten(context: Context2D, text: string, width: number): string {
  if (text.length <= LONGEST_LABEL && context.measureText(text).width <= width) {
    return text;
  }
  // No label shows more than this, and measuring a text takes time that grows with its length.
  const characters = [...new Intl.Segmenter().segment(text.slice(0, LONGEST_LABEL + LONGEST_CHARACTER))]
    .filter(({ index, segment }) => index + segment.length <= LONGEST_LABEL)
    .map(({ segment }) => segment);
  let fitting = 0;
  let tooMany = characters.length + 1;
  while (tooMany - fitting > 1) {
    const middle = (fitting + tooMany) >> 1;
    const fits = context.measureText(`${characters.slice(0, middle).join('')}…`).width <= width;
    [fitting, tooMany] = fits ? [middle, tooMany] : [fitting, middle];
  }
  return `${characters.slice(0, fitting).join('')}…`;
}
