import sharp, { type Sharp } from 'sharp';
import type { EncodedPicture, RgbPicture, Size } from '../task.js';

/** What an encoded picture has to be. */
export interface Fit {
  /** The format to try first; PNG unless said otherwise. */
  readonly mediaType?: EncodedPicture['mediaType'];
  /** No limit unless said otherwise. */
  readonly maxBytes?: number;
}

/** The qualities of JPEG, in the order in which they are tried. The first keeps thin coloured lines sharp. */
const JPEG_QUALITIES = [
  { quality: 90, chromaSubsampling: '4:4:4' },
  { quality: 80, chromaSubsampling: '4:2:0' },
  { quality: 65, chromaSubsampling: '4:2:0' },
  { quality: 50, chromaSubsampling: '4:2:0' },
] as const;
/** The quality of a picture that had to be reduced: fewer pixels show less of what a low quality spoils. */
const REDUCED_QUALITY = { quality: 65, chromaSubsampling: '4:2:0' } as const;
/** From one try to the next, the sides shrink to this share of themselves at most: the tries come to an end. */
const LARGEST_STEP = 0.9;

/**
 * Encodes pixels, again and smaller until they fit: in the format asked for, as JPEG of falling quality, and at last
 * with fewer pixels in the same shape. No metadata is written.
 *
 * @throws {Error} even one pixel takes more bytes
 */
export async function encodeToFit(
  picture: RgbPicture,
  { mediaType = 'image/png', maxBytes = Infinity }: Fit = {},
): Promise<EncodedPicture> {
  const raw = { width: picture.width, height: picture.height, channels: 3 as const };
  const pixels = (): Sharp => sharp(picture.data, { raw });
  let smallest = Infinity;
  for (const encode of attempts(mediaType)) {
    const { bytes, mediaType: encodedAs } = await encode(pixels());
    if (bytes.byteLength <= maxBytes) {
      return { width: raw.width, height: raw.height, mediaType: encodedAs, bytes };
    }
    smallest = bytes.byteLength;
  }
  let scale = 1;
  while (Math.max(picture.width, picture.height) * scale > 1) {
    // A little less than the bytes ask for, since smaller pictures take more bytes for each pixel.
    scale *= Math.min(LARGEST_STEP, 0.95 * Math.sqrt(maxBytes / smallest));
    const size = scaled(picture, scale);
    const bytes = await pixels()
      .resize(size.width, size.height, { fit: 'fill' })
      .jpeg(REDUCED_QUALITY)
      .toBuffer();
    if (bytes.byteLength <= maxBytes) {
      return { ...size, mediaType: 'image/jpeg', bytes };
    }
    smallest = bytes.byteLength;
  }
  throw new Error(`No picture fits into ${maxBytes} bytes.`);
}

type Attempt = (pixels: Sharp) => Promise<Pick<EncodedPicture, 'mediaType' | 'bytes'>>;

/** The ways to encode a picture in its full size, in the order in which they are tried. */
function attempts(mediaType: EncodedPicture['mediaType']): Attempt[] {
  const png: Attempt = async (pixels) => ({
    mediaType: 'image/png',
    bytes: await pixels.png().toBuffer(),
  });
  const jpegs = JPEG_QUALITIES.map((quality): Attempt => async (pixels) => ({
    mediaType: 'image/jpeg',
    bytes: await pixels.jpeg(quality).toBuffer(),
  }));
  return mediaType === 'image/png' ? [png, ...jpegs] : jpegs;
}

/** A size in the same shape, at least one pixel on each side. */
export function scaled({ width, height }: Size, scale: number): Size {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
