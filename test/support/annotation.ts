import sharp from 'sharp';
import type { Box } from '../../src/task.js';

/** Channels may be off by this much after a JPEG. */
const TOLERANCE = 60;

/**
 * Where a colour was drawn on a picture, seen against the picture before: the box around all pixels that have it now
 * and had not.
 *
 * @returns in pixels of `before`; undefined where there is none
 */
export async function drawnBox(
  before: Uint8Array,
  after: Uint8Array,
  colour: string,
): Promise<Box | undefined> {
  const { data, info } = await sharp(before).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const drawn = await sharp(after)
    .resize(info.width, info.height, { fit: 'fill' })
    .removeAlpha()
    .raw()
    .toBuffer();
  const wanted = [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16));
  const has = (pixels: Uint8Array, at: number): boolean =>
    wanted.every((value, channel) => Math.abs((pixels[at + channel] ?? 0) - value) < TOLERANCE);
  let box: Box | undefined;
  for (let y = 0; y < info.height; y++) {
    for (let x = 0; x < info.width; x++) {
      const at = (y * info.width + x) * 3;
      if (has(drawn, at) && !has(data, at)) {
        box = {
          left: Math.min(box?.left ?? x, x),
          top: Math.min(box?.top ?? y, y),
          right: Math.max(box?.right ?? x, x + 1),
          bottom: Math.max(box?.bottom ?? y, y + 1),
        };
      }
    }
  }
  return box;
}
