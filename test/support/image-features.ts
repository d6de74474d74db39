import { Tensor } from 'onnxruntime-node';
import type { ImageFeatures } from '../../src/inference/paligemma/vision-encoder.js';

/** Features in the processor's memory, as a vision encoder gives them. @param values `[tokens, hidden]` */
export function imageFeatures(values: Float32Array, tokens: number, hidden: number): ImageFeatures {
  return { values: new Tensor('float32', values, [1, tokens, hidden]), tokens, hidden };
}
