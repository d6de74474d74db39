import type { InferenceSession } from 'onnxruntime-node';
import type { Box, Mask, Size } from '../../task.js';
import { toFloat32 } from './float16.js';
import { floatDataOf, integerTensor, openSession, theSpec, type SessionOptions } from './sessions.js';

/** What a mask's sixteen words stand for: numbers above 0 inside the object, below 0 outside, nominally -1..1. */
export interface MaskGrid extends Size {
  /** `[height, width]`, spread over the object's box. */
  readonly values: Float32Array;
}

/** The graph from a mask's words to its shape: the decoder of the VQ-VAE that PaliGemma's masks were encoded with. */
export class MaskDecoder {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  static async open(file: string, options: SessionOptions): Promise<MaskDecoder> {
    // A quarter of a million weights: copying to a graphics card and back would take longer than computing.
    return new MaskDecoder(await openSession(file, { ...options, provider: 'cpu' }));
  }

  /** @param codes `[16]`, 0..127, row by row of a 4 by 4 grid */
  async decode(codes: readonly number[]): Promise<MaskGrid> {
    const input = theSpec(this.#session.inputMetadata, 'codes');
    const outputs = await this.#session.run({ [input.name]: integerTensor(input, codes, [1, codes.length]) });
    const mask = outputs[theSpec(this.#session.outputMetadata, 'masks').name];
    const [height, width] = mask.dims.filter((size) => size !== 1);
    return { values: toFloat32(floatDataOf(mask)), width, height };
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

/**
 * Spreads a mask over its object's box, by bilinear interpolation of the numbers themselves, as big_vision's evaluator
 * does; it then takes what is above 0 as inside. Here 0 becomes half coverage and -1..1 the range of it, so that the
 * same edge comes out soft.
 *
 * The mask holds only the pixels whose centre lies in the box, at least one.
 */
export function spreadMask(grid: MaskGrid, box: Box, picture: Size): Mask {
  const left = Math.min(Math.round(box.left), picture.width - 1);
  const top = Math.min(Math.round(box.top), picture.height - 1);
  const width = Math.max(Math.min(Math.round(box.right), picture.width) - left, 1);
  const height = Math.max(Math.min(Math.round(box.bottom), picture.height) - top, 1);
  const columns = samplesAlong(left - box.left, width, box.right - box.left, grid.width);
  const rows = samplesAlong(top - box.top, height, box.bottom - box.top, grid.height);

  const coverage = new Uint8Array(width * height);
  const blended = new Float32Array(grid.width);
  for (let y = 0; y < height; y++) {
    const upper = rows.first[y] * grid.width;
    const lower = rows.second[y] * grid.width;
    for (let x = 0; x < grid.width; x++) {
      blended[x] = mix(grid.values[upper + x], grid.values[lower + x], rows.share[y]);
    }
    for (let x = 0; x < width; x++) {
      const value = mix(blended[columns.first[x]], blended[columns.second[x]], columns.share[x]);
      coverage[y * width + x] = Math.round(Math.min(Math.max(value * 0.5 + 0.5, 0), 1) * 255);
    }
  }
  return { left, top, width, height, coverage };
}

/** Between which two cells of an axis each pixel's centre lies, and how far towards the second. */
interface Samples {
  readonly first: Uint16Array;
  readonly second: Uint16Array;
  readonly share: Float32Array;
}

/**
 * @param offset of the first pixel from the start of the box, in pixels
 * @param boxLength in pixels
 */
function samplesAlong(offset: number, pixels: number, boxLength: number, cells: number): Samples {
  const first = new Uint16Array(pixels);
  const second = new Uint16Array(pixels);
  const share = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const place = ((offset + i + 0.5) / boxLength) * cells - 0.5;
    const within = Math.min(Math.max(place, 0), cells - 1);
    first[i] = Math.floor(within);
    second[i] = Math.min(first[i] + 1, cells - 1);
    share[i] = within - first[i];
  }
  return { first, second, share };
}

function mix(a: number, b: number, shareOfB: number): number {
  return a + (b - a) * shareOfB;
}
