import type { Answer, Detection, Mask } from '../task.js';

/** A mask in JSON: its coverage as a greyscale PNG in base64. */
export interface PortableMask extends Omit<Mask, 'coverage'> {
  readonly png: string;
}

/** An answer in JSON, without its picture, which is no business of JSON's. */
export interface PortableAnswer extends Omit<Answer, 'detections' | 'picture'> {
  readonly detections: readonly (Omit<Detection, 'mask'> & { readonly mask?: PortableMask })[];
}

/** The answer as it is told in JSON, on the command line and over HTTP. */
export async function portableAnswer(answer: Answer): Promise<PortableAnswer> {
  const { task, text, finish, size, firstFrameOnly, timings } = answer;
  const detections = await Promise.all(
    answer.detections.map(async ({ mask, ...detection }) =>
      mask === undefined ? detection : { ...detection, mask: await portableMask(mask) },
    ),
  );
  return { task, text, detections, finish, size, firstFrameOnly, timings };
}

async function portableMask({ coverage, ...place }: Mask): Promise<PortableMask> {
  // Loaded when there is a mask: no other answer needs it.
  const { default: sharp } = await import('sharp');
  const raw = { width: place.width, height: place.height, channels: 1 as const };
  const png = await sharp(coverage, { raw }).toColourspace('b-w').png().toBuffer();
  return { ...place, png: png.toString('base64') };
}
