import type { Size } from '../../task.js';
import { resizeAsPillow } from './pillow-resize.js';

/** How a checkpoint wants its pictures: the values of its `preprocessor_config.json`. */
export interface Preprocessing {
  /** Pixels of the square that every picture is squashed to. */
  readonly size: Size;
  /** What a channel's 0..255 is multiplied by before `mean` and `std` apply: 1/255. */
  readonly rescaleFactor: number;
  /** Of red, green and blue. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/**
 * A picture as the vision encoder takes it: squashed to the checkpoint's square without regard to its proportions,
 * as PaliGemma was trained, and each channel mapped to (value * rescaleFactor - mean) / std.
 *
 * @param pixels `[height, width, 3]`, 8-bit sRGB.
 * @returns `[3, size.height, size.width]`
 */
export function pixelValues(pixels: Uint8Array, from: Size, preprocessing: Preprocessing): Float32Array {
  const { size } = preprocessing;
  const squashed = resizeAsPillow(pixels, from, size);
  const area = size.width * size.height;
  const values = new Float32Array(3 * area);
  for (const channel of [0, 1, 2] as const) {
    const valueOf = channelValues(preprocessing, channel);
    for (let i = 0; i < area; i++) {
      values[channel * area + i] = valueOf[squashed[i * 3 + channel]];
    }
  }
  return values;
}

/** `[256]`: a channel has no more values than that, so each is computed once, in double precision. */
function channelValues({ rescaleFactor, mean, std }: Preprocessing, channel: 0 | 1 | 2): Float32Array {
  return Float32Array.from(
    { length: 256 },
    (_, value) => (value * rescaleFactor - mean[channel]) / std[channel],
  );
}
