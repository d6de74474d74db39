import { createCanvas, ImageData } from '@napi-rs/canvas';
import sharp from 'sharp';
import type { Detection, RgbPicture, Size } from '../task.js';
import { drawDetections } from './detections.js';
import { scaled } from './fit.js';
import { LABEL_FONT_FAMILY, registerLabelFont } from './fonts.js';

/** A picture smaller than this on its longer side is enlarged, or no label would be readable on it. Pixels. */
const SMALLEST_LONGER_SIDE = 480;
/** A picture larger than this on its longer side is reduced, to bound the memory of the canvas. Pixels. */
export const LARGEST_LONGER_SIDE = 4096;

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
  const canvas = createCanvas(size.width, size.height);
  const context = canvas.getContext('2d');
  context.putImageData(new ImageData(await toRgba(picture, size), size.width, size.height), 0, 0);
  drawDetections(
    context,
    detections.map((detection, index) => ({ ...detection, index })),
    { measuredIn, fontFamily: LABEL_FONT_FAMILY },
  );

  const raw = { ...size, channels: 4 as const };
  return { ...size, data: await sharp(canvas.data(), { raw }).removeAlpha().raw().toBuffer() };
}

function canvasScale({ width, height }: Size, longestSide: number): number {
  const longer = Math.max(width, height);
  return Math.min(Math.max(1, SMALLEST_LONGER_SIDE / longer), longestSide / longer);
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
