import { Tensor, type InferenceSession } from 'onnxruntime-node';
import type { Size } from '../../task.js';
import { toFloatType, type FloatType } from './float16.js';
import { floatTypeOf, openSession, runSession, theSpec, type SessionOptions } from './sessions.js';

/** A picture as the language model sees it. */
export interface ImageFeatures {
  /**
   * `[1, tokens, hidden]`, scaled as the checkpoint's decoder expects it beside its own embeddings; where it was computed,
   * if the decoder takes it from there. Whoever keeps it disposes of it.
   */
  readonly values: Tensor;
  readonly tokens: number;
  readonly hidden: number;
}

interface VisionOptions extends SessionOptions {
  /** Whether the features stay in the graphics card's memory, for a decoder that takes them there. */
  readonly keepFeatures?: boolean;
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

  static async open(
    file: string,
    { keepFeatures = false, ...options }: VisionOptions,
  ): Promise<VisionEncoder> {
    const keepOnDevice = keepFeatures ? ['image_features'] : [];
    return new VisionEncoder(await openSession(file, { ...options, keepOnDevice }));
  }

  /** @param pixels `[3, height, width]`, as `pixelValues` makes them */
  async encode(pixels: Float32Array, { height, width }: Size): Promise<ImageFeatures> {
    const { name, type } = this.#input;
    const outputs = await runSession(this.#session, {
      [name]: new Tensor(type, toFloatType(pixels, type), [1, 3, height, width]),
    });
    const values = outputs[this.#output];
    const [, tokens, hidden] = values.dims;
    return { values, tokens, hidden };
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
