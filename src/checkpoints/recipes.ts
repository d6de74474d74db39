import type { Dtype } from '../task.js';
import type { Storage } from './graphs/layers.js';

/** How each graph's matrices are stored. Vectors, such as norms and biases, stay 32-bit floats. */
export interface Recipe {
  /** What transformers.js marks the names of such graphs with. */
  readonly suffix: string;
  readonly vision: Storage;
  readonly embedding: Storage;
  /** The decoder's layers, and the head that makes logits of their output. */
  readonly layers: Storage;
  readonly head: Storage;
}

/**
 * All compute in 32-bit floats, `fp16` too: Gemma was trained in bfloat16, whose range is that of 32 bits, and
 * its activations overflow 16-bit floats. It halves the files; when a graph is loaded the weights become
 * 32-bit floats again.
 *
 * `q4` keeps 8 bits where 4 cost more than they save: the head tells neighbouring location tokens apart, the
 * vision tower sees what they point at, and of the embedding table a few rows are read at a time.
 */
export const RECIPES: Readonly<Record<Dtype, Recipe>> = {
  fp32: { suffix: '', vision: 'float32', embedding: 'float32', layers: 'float32', head: 'float32' },
  fp16: { suffix: '_fp16', vision: 'float16', embedding: 'float16', layers: 'float16', head: 'float16' },
  q8: {
    suffix: '_quantized',
    vision: { bits: 8 },
    embedding: { bits: 8 },
    layers: { bits: 8 },
    head: { bits: 8 },
  },
  q4: { suffix: '_q4', vision: { bits: 8 }, embedding: { bits: 8 }, layers: { bits: 4 }, head: { bits: 8 } },
};
