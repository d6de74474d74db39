import type { PortableAnswer, PortableMask } from '../../rendering/portable-answer.js';
import type { Detection, Mask } from '../../task.js';

/** The objects of an answer with their masks as pixels. */
export async function detectionsOf({ detections }: PortableAnswer): Promise<Detection[]> {
  return Promise.all(
    detections.map(async ({ mask, ...detection }) =>
      mask === undefined ? detection : { ...detection, mask: await decodeMask(mask) },
    ),
  );
}

async function decodeMask({ png, ...place }: PortableMask): Promise<Mask> {
  const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }), {
    colorSpaceConversion: 'none',
  });
  const context = new OffscreenCanvas(place.width, place.height).getContext('2d');
  context?.drawImage(bitmap, 0, 0);
  bitmap.close();
  const pixels = context?.getImageData(0, 0, place.width, place.height).data ?? new Uint8ClampedArray();
  // Of a grey pixel's red, green, blue and opacity the first says it all.
  return {
    ...place,
    coverage: new Uint8Array(place.width * place.height).map((_, index) => pixels[index * 4]),
  };
}
