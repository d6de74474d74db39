import type { PortableAnswer, PortableMask } from '../../rendering/portable-answer.js';
import type { Detection, Mask, Size } from '../../task.js';

/** A mask has 64 by 64 cells of its own, however large its object is: more pixels show nothing. Of the longer side. */
const LARGEST_MASK = 256;

/** What was found in a picture, ready to be drawn. */
export interface Drawable {
  readonly detections: readonly Detection[];
  /** What the detections are measured in. Pixels. */
  readonly size: Size;
}

export async function drawableOf({ detections, size }: PortableAnswer): Promise<Drawable> {
  return {
    size,
    detections: await Promise.all(
      detections.map(async ({ mask, ...detection }) =>
        mask === undefined ? detection : { ...detection, mask: await decodeMask(mask) },
      ),
    ),
  };
}

async function decodeMask({ png, ...place }: PortableMask): Promise<Mask> {
  const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }), {
    colorSpaceConversion: 'none',
  });
  const scale = Math.min(1, LARGEST_MASK / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context?.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const pixels = context?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
  return {
    box: {
      left: place.left,
      top: place.top,
      right: place.left + place.width,
      bottom: place.top + place.height,
    },
    width,
    height,
    // Of a grey pixel's red, green, blue and opacity the first says it all.
    values: new Float32Array(width * height).map((_, index) => pixels[index * 4] / 127.5 - 1),
  };
}
