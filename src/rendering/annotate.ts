import { createCanvas, ImageData, type SKRSContext2D } from '@napi-rs/canvas';
import sharp from 'sharp';
import type { Box, Detection, RgbPicture, Size } from '../task.js';
import { scaled } from './fit.js';
import { LABEL_FONT_FAMILY, registerLabelFont } from './fonts.js';
import { placeLabel } from './label-placement.js';
import { drawMask } from './mask-layer.js';
import { strokeFor, type Stroke } from './palette.js';

/** A picture smaller than this on its longer side is enlarged, or no label would be readable on it. Pixels. */
const SMALLEST_LONGER_SIDE = 480;
/** A picture larger than this on its longer side is reduced, to bound the memory of the canvas. Pixels. */
const LARGEST_LONGER_SIDE = 4096;
/** UTF-16 code units. */
const LONGEST_LABEL = 400;

/** The measures of everything drawn, which grow with the picture. All in pixels. */
interface Measures {
  readonly lineWidth: number;
  readonly haloWidth: number;
  readonly fontSize: number;
  readonly padding: number;
}

export interface AnnotateOptions {
  /** What the detections are measured in, where the picture was reduced after them. Pixels. */
  readonly size?: Size;
  /** The longer side that the result has at most. Pixels. */
  readonly longestSide?: number;
}

/**
 * Draws boxes, masks and labels over a picture.
 *
 * An object with a mask is shown by its mask and outline, one without by its box. The result has the shape of
 * `picture`, and its size too unless its longer side is under 480 or over 4096 pixels, or over `longestSide`.
 *
 * @param detections their order decides the colours
 */
export async function annotate(
  picture: RgbPicture,
  detections: readonly Detection[],
  { size: measuredIn = picture, longestSide = LARGEST_LONGER_SIDE }: AnnotateOptions = {},
): Promise<RgbPicture> {
  registerLabelFont();
  const size = scaled(picture, canvasScale(picture, Math.min(longestSide, LARGEST_LONGER_SIDE)));
  const scale = Math.max(size.width, size.height) / Math.max(measuredIn.width, measuredIn.height);
  const canvas = createCanvas(size.width, size.height);
  const context = canvas.getContext('2d');
  const measures = measuresFor(size);

  context.putImageData(new ImageData(await toRgba(picture, size), size.width, size.height), 0, 0);
  const drawn = detections.map((detection, index) => ({
    detection,
    stroke: strokeFor(index),
    box: clip(scaleBox(detection.box, size.width / measuredIn.width, size.height / measuredIn.height), size),
  }));
  for (const { detection, stroke, box } of drawn) {
    if (detection.mask === undefined) {
      drawBox(context, box, stroke, measures);
    } else {
      drawMask(context, detection.mask, scale, stroke.colour, measures);
    }
  }
  // Labels come last, so that no box or mask of a neighbour covers one.
  const placed: Box[] = [];
  for (const { detection, stroke, box } of drawn) {
    if (detection.label !== '') {
      placed.push(drawLabel(context, detection.label, box, stroke, measures, size, placed));
    }
  }

  const raw = { ...size, channels: 4 as const };
  return { ...size, data: await sharp(canvas.data(), { raw }).removeAlpha().raw().toBuffer() };
}

function canvasScale({ width, height }: Size, longestSide: number): number {
  const longer = Math.max(width, height);
  return Math.min(Math.max(1, SMALLEST_LONGER_SIDE / longer), longestSide / longer);
}

function measuresFor({ width, height }: Size): Measures {
  const longer = Math.max(width, height);
  const lineWidth = Math.max(2, Math.round(longer / 220));
  const fontSize = Math.max(14, Math.round(longer / 34));
  return { lineWidth, haloWidth: Math.ceil(lineWidth / 2), fontSize, padding: Math.round(fontSize / 3) };
}

/** The picture's pixels at `size`, as the canvas wants them: `[height, width, 4]` bytes. */
async function toRgba(picture: RgbPicture, size: Size): Promise<Uint8ClampedArray> {
  const raw = { width: picture.width, height: picture.height, channels: 3 as const };
  const rgba = await sharp(picture.data, { raw })
    .resize(size.width, size.height, { fit: 'fill' })
    .ensureAlpha()
    .raw()
    .toBuffer();
  return new Uint8ClampedArray(rgba.buffer, rgba.byteOffset, rgba.byteLength);
}

function scaleBox(box: Box, horizontal: number, vertical: number): Box {
  return {
    left: box.left * horizontal,
    top: box.top * vertical,
    right: box.right * horizontal,
    bottom: box.bottom * vertical,
  };
}

function clip(box: Box, { width, height }: Size): Box {
  const inside = (value: number, limit: number): number => Math.min(Math.max(value, 0), limit);
  return {
    left: inside(box.left, width),
    top: inside(box.top, height),
    right: inside(box.right, width),
    bottom: inside(box.bottom, height),
  };
}

/** A coloured line between two dark ones, which shows on any background. */
function drawBox(context: SKRSContext2D, box: Box, stroke: Stroke, measures: Measures): void {
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

/** @returns where the label lies, in pixels of the canvas */
function drawLabel(
  context: SKRSContext2D,
  text: string,
  box: Box,
  stroke: Stroke,
  measures: Measures,
  size: Size,
  placed: readonly Box[],
): Box {
  context.save();
  context.font = `600 ${measures.fontSize}px ${LABEL_FONT_FAMILY}`;
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
function shorten(context: SKRSContext2D, text: string, width: number): string {
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
