import sharp, { type Sharp } from 'sharp';

const WIDTH = 64;
const HEIGHT = 48;

export type Format = 'png' | 'jpeg' | 'webp' | 'gif' | 'avif';

/** A picture with which nothing is wrong. */
export interface SoundPicture {
  readonly name: string;
  readonly format: Format;
  readonly bytes: Buffer;
}

/** One of each kind that the formats know: depths, palettes, colour spaces, transparency, orientations, frames. */
export async function soundPictures(): Promise<SoundPicture[]> {
  const kinds: readonly (readonly [string, Format, Sharp])[] = [
    ['PNG', 'png', pattern(3).png()],
    ['PNG with a palette', 'png', pattern(3).png({ palette: true })],
    ['PNG of 16 bits', 'png', pattern(3).toColourspace('rgb16').png()],
    ['PNG with transparency', 'png', pattern(4).png()],
    ['interlaced PNG', 'png', pattern(4).png({ progressive: true })],
    ['PNG in grey', 'png', pattern(3).toColourspace('b-w').png()],
    ['PNG with a profile', 'png', pattern(3).withIccProfile('p3').png()],
    ['PNG of one pixel', 'png', pattern(3).resize(1, 1).png()],
    ['JPEG', 'jpeg', pattern(3).jpeg()],
    ['progressive JPEG', 'jpeg', pattern(3).jpeg({ progressive: true })],
    ['JPEG in CMYK', 'jpeg', pattern(3).toColourspace('cmyk').jpeg()],
    ['JPEG in grey', 'jpeg', pattern(3).toColourspace('b-w').jpeg()],
    ['JPEG with EXIF and a profile', 'jpeg', pattern(3).withMetadata({ orientation: 6 }).jpeg()],
    ['WebP', 'webp', pattern(3).webp()],
    ['lossless WebP', 'webp', pattern(4).webp({ lossless: true })],
    ['WebP with transparency and a profile', 'webp', pattern(4).withIccProfile('p3').webp()],
    ['moving WebP', 'webp', frames().webp()],
    ['GIF', 'gif', pattern(3).gif()],
    ['moving GIF', 'gif', frames().gif()],
    ['AVIF', 'avif', pattern(3).avif({ effort: 0 })],
    ['AVIF with transparency', 'avif', pattern(4).avif({ effort: 0 })],
    ['AVIF with EXIF', 'avif', pattern(3).withMetadata({ orientation: 3 }).avif({ effort: 0 })],
  ];
  return Promise.all(
    kinds.map(async ([name, format, picture]) => ({ name, format, bytes: await picture.toBuffer() })),
  );
}

/** A gradient with some noise: each part of the file then says something. */
function pattern(channels: 3 | 4): Sharp {
  const pixels = Buffer.from(
    Array.from(
      { length: WIDTH * HEIGHT * channels },
      (_, i) => (i + (Math.imul(i, 2_654_435_761) >>> 29)) % 256,
    ),
  );
  return sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels } });
}

/** Three frames, one below the other. */
function frames(): Sharp {
  const pixels = Buffer.from(Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => (i * 7) % 256));
  return sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3, pageHeight: HEIGHT / 3 } });
}
