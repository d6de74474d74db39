import type { InferenceSession } from 'onnxruntime-node';
import type { Mask } from '../../task.js';
import { toFloat32 } from './float16.js';
import {
  floatDataOf,
  integerTensor,
  openSession,
  runSession,
  theSpec,
  type SessionOptions,
} from './sessions.js';

/** What a mask's sixteen words stand for, wherever the object lies. */
export type MaskGrid = Omit<Mask, 'box'>;

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
    const outputs = await runSession(this.#session, {
      [input.name]: integerTensor(input, codes, [1, codes.length]),
    });
    const mask = outputs[theSpec(this.#session.outputMetadata, 'masks').name];
    const [height, width] = mask.dims.filter((size) => size !== 1);
    return { values: toFloat32(floatDataOf(mask)), width, height };
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
