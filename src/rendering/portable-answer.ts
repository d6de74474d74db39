import type { Answer, Detection, Mask, Size } from '../task.js';
import { coverageOf, placeOf, type Place } from './mask-coverage.js';

/** A mask's grid is far smaller than this, so that more pixels would tell nothing more. Pixels of the longer side. */
const LARGEST_MASK = 2048;

/** A mask in JSON: the place of it, and what of that belongs to the object as a greyscale PNG in base64. */
export interface PortableMask extends Place {
  /** In the size of the place, or reduced to 2048 pixels of its longer side. */
  readonly png: string;
}

/** An answer in JSON, without its picture, which is no business of JSON's. */
export interface PortableAnswer extends Omit<Answer, 'detections' | 'picture'> {
  readonly detections: readonly (Omit<Detection, 'mask'> & { readonly mask?: PortableMask })[];
}

/** The answer as it is told in JSON, on the command line and over HTTP. */
export async function portableAnswer(answer: Answer): Promise<PortableAnswer> {
  const { task, text, finish, size, firstFrameOnly, timings } = answer;
  const detections: PortableAnswer['detections'][number][] = [];
  // One after another: all at once they would be in memory at once.
  for (const { mask, ...detection } of answer.detections) {
    detections.push(mask === undefined ? detection : { ...detection, mask: await portableMask(mask, size) });
  }
  return { task, text, detections, finish, size, firstFrameOnly, timings };
}

async function portableMask(mask: Mask, picture: Size): Promise<PortableMask> {
  // Loaded when there is a mask: no other answer needs it.
  const { default: sharp } = await import('sharp');
  const place = placeOf(mask, picture);
  const scale = Math.min(1, LARGEST_MASK / Math.max(place.width, place.height));
  const size = {
    width: Math.max(1, Math.round(place.width * scale)),
    height: Math.max(1, Math.round(place.height * scale)),
  };
  const raw = { ...size, channels: 1 as const };
  const png = await sharp(coverageOf(mask, place, size), { raw })
    .toColourspace('b-w')
    .png()
    .toBuffer();
  return { ...place, png: png.toString('base64') };
}
