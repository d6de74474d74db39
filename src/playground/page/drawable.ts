import type { PortableAnswer, PortableMask } from '../../rendering/portable-answer.js';
import type { Box, Detection, Mask, Size } from '../../task.js';

/**
 * A mask has 64 by 64 cells of its own, however large its object is: more pixels than these show nothing, and are slow to
 * draw. Pixels of the picture's longer side.
 */
const LARGEST = 1024;

/** What was found in a picture, ready to be drawn. */
export interface Drawable {
  readonly detections: readonly Detection[];
  /** What the detections are measured in; less than the picture has, where it is large. Pixels. */
  readonly size: Size;
}

export async function drawableOf({ detections, size }: PortableAnswer): Promise<Drawable> {
  const scale = Math.min(1, LARGEST / Math.max(size.width, size.height));
  return {
    size: { width: size.width * scale, height: size.height * scale },
    detections: await Promise.all(
      detections.map(async ({ label, box, mask }) => ({
        label,
        box: scaleBox(box, scale),
        ...(mask === undefined ? {} : { mask: await decodeMask(mask, scale) }),
      })),
    ),
  };
}

function scaleBox({ left, top, right, bottom }: Box, scale: number): Box {
  return { left: left * scale, top: top * scale, right: right * scale, bottom: bottom * scale };
}

async function decodeMask({ png, ...place }: PortableMask, scale: number): Promise<Mask> {
  const width = Math.max(1, Math.round(place.width * scale));
  const height = Math.max(1, Math.round(place.height * scale));
  const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }), {
    colorSpaceConversion: 'none',
  });
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context?.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const pixels = context?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
  return {
    left: Math.round(place.left * scale),
    top: Math.round(place.top * scale),
    width,
    height,
    // Of a grey pixel's red, green, blue and opacity the first says it all.
    coverage: new Uint8Array(width * height).map((_, index) => pixels[index * 4]),
  };
}
