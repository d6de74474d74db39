import type { FloatType } from '../onnx/graph-builder.js';

/**
 * Powers of two by which values are smaller inside a graph of 16-bit floats, whose largest number is 65,504. Gemma was
 * trained in bfloat16, which ends where 32-bit floats end, and a few of its channels grow beyond that.
 *
 * Each sublayer of Gemma 2 ends in a norm, and a norm gives the same for its input and for a multiple of it if its
 * epsilon is multiplied by the multiple's square. So whatever is written into the residual stream, and what is summed up
 * in the attention and in the perceptron, may be made smaller in the weights without a trace in the answer: as all of
 * them are powers of two, not one digit differs in 32-bit floats. SigLIP's norms stand before its sublayers, and it
 * writes linearly into its residual stream: there the weights that write are scaled.
 */
export interface Scales {
  /** Of the residual stream. Less than 2^-6 would make the inverse deviation of a row of zeros overflow, at 1e-6. */
  readonly residual: number;
  /** Of an attention's values, and of what it sums up of them. */
  readonly values: number;
  /** Of what a perceptron's gate is multiplied with, and of what it sums up. */
  readonly up: number;
}

const SCALES: Readonly<Record<FloatType, Scales>> = {
  float32: { residual: 1, values: 1, up: 1 },
  float16: { residual: 2 ** -6, values: 2 ** -3, up: 2 ** -4 },
};

export function scalesOf(float: FloatType): Scales {
  return SCALES[float];
}
