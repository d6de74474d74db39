import type { Metadata } from 'sharp';
import type { RgbPicture } from '../../task.js';
import type { AvifFile } from './avif-file.js';
import type { GifFile } from './gif-file.js';

/** A decoded picture: `[height, width, channels]` bytes of red, green, blue and, of four, opacity. */
export interface RawPicture extends RgbPicture {
  readonly channels: number;
}

/** Makes right what the decoder gets wrong, and lays the picture over white. */
export type Mend = (picture: RawPicture) => RgbPicture;

/** libheif leaves colours that were multiplied by their opacity, and grey in a limited range, as they are stored. */
export function mendForAvif({ limitedGrey, premultiplied }: AvifFile): Mend | undefined {
  if (!limitedGrey && !premultiplied) {
    return undefined;
  }
  // Grey from 16 to 235.
  const spread = (value: number): number => (limitedGrey ? ((value - 16) * 255) / 219 : value);
  return ({ data, width, height, channels }) => {
    const flat = new Uint8ClampedArray(width * height * 3);
    for (let pixel = 0; pixel < width * height; pixel++) {
      const opacity = channels === 4 ? data[pixel * 4 + 3] : 255;
      for (let channel = 0; channel < 3; channel++) {
        const value = spread(data[pixel * channels + channel]);
        flat[pixel * 3 + channel] = (premultiplied ? value : (value * opacity) / 255) + 255 - opacity;
      }
    }
    return { data: new Uint8Array(flat.buffer), width, height };
  };
}

/** libvips makes black of what a GIF's first frame leaves open, where no frame has a transparent colour. */
export function mendForGif({ frames }: GifFile, { width, height, hasAlpha }: Metadata): Mend | undefined {
  const frame = frames.at(0);
  if (
    frame === undefined ||
    hasAlpha ||
    (frame.left === 0 && frame.top === 0 && frame.right >= width && frame.bottom >= height)
  ) {
    return undefined;
  }
  return (picture) => {
    const data = new Uint8Array(picture.data.length).fill(255);
    const [left, right] = [Math.min(frame.left, picture.width), Math.min(frame.right, picture.width)];
    for (let y = frame.top; y < Math.min(frame.bottom, picture.height); y++) {
      const [start, end] = [left, right].map((x) => (y * picture.width + x) * 3) as [number, number];
      data.set(picture.data.subarray(start, end), start);
    }
    return { data, width: picture.width, height: picture.height };
  };
}
