import { Tensor, type InferenceSession } from 'onnxruntime-node';
import type { Size } from '../../task.js';
import { toFloatType, type FloatData, type FloatType } from './float16.js';
import {
  floatDataOf,
  floatTypeOf,
  openSession,
  runSession,
  theSpec,
  type SessionOptions,
} from './sessions.js';

/** A picture as the language model sees it. */
export interface ImageFeatures {
  /** `[tokens, hidden]`, scaled as the checkpoint's decoder expects it beside its own embeddings. */
  readonly data: FloatData;
  readonly tokens: number;
  readonly hidden: number;
}

/** The graph from pixels to image features: SigLIP and the projection to the language model's width. */
export class VisionEncoder {
  readonly #session: InferenceSession;
  readonly #input: { readonly name: string; readonly type: FloatType };
  readonly #output: string;

  private constructor(session: InferenceSession) {
    this.#session = session;
    const input = theSpec(session.inputMetadata, 'pixel_values');
    this.#input = { name: input.name, type: floatTypeOf(input) };
    this.#output = theSpec(session.outputMetadata, 'image_features').name;
  }

  static async open(file: string, options: SessionOptions): Promise<VisionEncoder> {
    return new VisionEncoder(await openSession(file, options));
  }

  /** @param pixels `[3, height, width]`, as `pixelValues` makes them */
  async encode(pixels: Float32Array, { height, width }: Size): Promise<ImageFeatures> {
    const { name, type } = this.#input;
    const outputs = await runSession(this.#session, {
      [name]: new Tensor(type, toFloatType(pixels, type), [1, 3, height, width]),
    });
    const features = outputs[this.#output];
    const [, tokens, hidden] = features.dims;
    return { data: floatDataOf(features), tokens, hidden };
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
