import type { Size } from '../../task.js';

/** Weights are integers scaled by this power of two, as in Pillow's 8-bit path. */
const WEIGHT_BITS = 22;
const ONE = 2 ** WEIGHT_BITS;
const HALF = 2 ** (WEIGHT_BITS - 1);

/** How far the cubic reaches on either side of its centre, in pixels of the coarser of the two pictures. */
const CUBIC_REACH = 2;

/** Which pixels of an axis make up each output pixel, and with what weight. */
interface Windows {
  /** `[outputs]`: the first input pixel of each window. */
  readonly first: Int32Array;
  /** `[outputs]`: how many input pixels each window holds. */
  readonly length: Int32Array;
  /** `[outputs, stride]`: weights scaled to integers; a window's own come first in its row. */
  readonly weights: Int32Array;
  readonly stride: number;
}

/**
 * Squashes a picture to another size exactly as Pillow's `Image.resize(size, BICUBIC)` does, bit for bit: PaliGemma's
 * processor does it so, and other resamplers (sharp's own among them) shift what the model sees.
 *
 * The method is Pillow's: the cubic with a = -0.5, stretched by the scale when shrinking so that it averages all that
 * it covers; one axis after the other, rounded to 8 bits in between; weights rounded to multiples of 2^-22.
 *
 * @param pixels `[height, width, 3]`, 8 bits a channel.
 * @returns `[to.height, to.width, 3]`
 */
export function resizeAsPillow(pixels: Uint8Array, from: Size, to: Size): Uint8Array {
  if (isColumnsFirst(from, to)) {
    const flattened = resizeColumns(pixels, from, to.height);
    return resizeRows(flattened, { width: from.width, height: to.height }, to.width);
  }
  const narrowed = resizeRows(pixels, from, to.width);
  return resizeColumns(narrowed, { width: to.width, height: from.height }, to.height);
}

/**
 * Pillow 13 shortens a tall picture before it narrows it, which is faster; because of the rounding in between the two
 * orders differ in a few pixels by one. Older releases always narrow first. The rule was found by trying sizes.
 */
function isColumnsFirst(from: Size, to: Size): boolean {
  const lostRows = from.height - to.height;
  return lostRows > 0 && lostRows > 2 * (from.width - to.width);
}

/** Keys's cubic convolution kernel with a = -0.5. */
function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) {
    return (1.5 * x - 2.5) * x * x + 1;
  }
  if (x < CUBIC_REACH) {
    return ((x - 5) * x + 8) * x * -0.5 + 2;
  }
  return 0;
}

function cubicWindows(inputs: number, outputs: number): Windows {
  const scale = inputs / outputs;
  const stretch = Math.max(scale, 1);
  const reach = CUBIC_REACH * stretch;
  const stride = Math.ceil(reach) * 2 + 1;
  const first = new Int32Array(outputs);
  const length = new Int32Array(outputs);
  const weights = new Int32Array(outputs * stride);
  const exact = new Float64Array(stride);

  for (let output = 0; output < outputs; output++) {
    const centre = (output + 0.5) * scale;
    const start = Math.max(Math.trunc(centre - reach + 0.5), 0);
    const count = Math.min(Math.trunc(centre + reach + 0.5), inputs) - start;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const weight = cubic((start + k - centre + 0.5) * (1 / stretch));
      exact[k] = weight;
      sum += weight;
    }
    first[output] = start;
    length[output] = count;
    for (let k = 0; k < count; k++) {
      const scaled = (exact[k] / sum) * ONE;
      weights[output * stride + k] = Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    }
  }
  return { first, length, weights, stride };
}

/*
 * The sums below stay within 32 bits: a window's positive weights add up to less than 1.3 * 2^22, so that no partial
 * sum exceeds 1.3 * 2^22 * 255 < 2^31.
 */

function resizeRows(pixels: Uint8Array, { width, height }: Size, outputs: number): Uint8Array {
  if (width === outputs) {
    return pixels;
  }
  const { first, length, weights, stride } = cubicWindows(width, outputs);
  const resized = new Uint8ClampedArray(height * outputs * 3);
  let target = 0;
  for (let row = 0; row < height; row++) {
    const rowStart = row * width * 3;
    for (let output = 0; output < outputs; output++) {
      const weightsStart = output * stride;
      const weightsEnd = weightsStart + length[output];
      let source = rowStart + first[output] * 3;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let k = weightsStart; k < weightsEnd; k++) {
        const weight = weights[k];
        red = (red + Math.imul(pixels[source], weight)) | 0;
        green = (green + Math.imul(pixels[source + 1], weight)) | 0;
        blue = (blue + Math.imul(pixels[source + 2], weight)) | 0;
        source += 3;
      }
      resized[target] = red >> WEIGHT_BITS;
      resized[target + 1] = green >> WEIGHT_BITS;
      resized[target + 2] = blue >> WEIGHT_BITS;
      target += 3;
    }
  }
  return new Uint8Array(resized.buffer);
}

/** Adds whole rows to a row of sums, since a walk down single columns would miss the processor's cache. */
function resizeColumns(pixels: Uint8Array, { width, height }: Size, outputs: number): Uint8Array {
  if (height === outputs) {
    return pixels;
  }
  const { first, length, weights, stride } = cubicWindows(height, outputs);
  const rowLength = width * 3;
  const resized = new Uint8ClampedArray(outputs * rowLength);
  const sums = new Int32Array(rowLength);
  for (let output = 0; output < outputs; output++) {
    sums.fill(HALF);
    for (let k = 0; k < length[output]; k++) {
      const weight = weights[output * stride + k];
      const rowStart = (first[output] + k) * rowLength;
      for (let i = 0; i < rowLength; i++) {
        sums[i] = (sums[i] + Math.imul(pixels[rowStart + i], weight)) | 0;
      }
    }
    for (let i = 0; i < rowLength; i++) {
      resized[output * rowLength + i] = sums[i] >> WEIGHT_BITS;
    }
  }
  return new Uint8Array(resized.buffer);
}
