import type { Dtype } from '../task.js';
import type { DecoderStorage } from './graphs/decoder.js';
import type { Storage } from './graphs/layers.js';
import type { FloatType } from './onnx/graph-builder.js';
import { EIGHT_BITS, EIGHT_BITS_FINE, FOUR_BITS, FOUR_BITS_FINE } from './quantise-blocks.js';

/** How each graph's matrices are stored. Vectors, such as norms and biases, are what the graph computes in. */
export interface Recipe {
  /** What transformers.js marks the names of such graphs with. */
  readonly suffix: string;
  readonly vision: Storage;
  readonly embedding: Storage;
  readonly decoder: DecoderStorage;
  /** What the vision tower and the decoder's layers compute in. */
  readonly float: FloatType;
}

/**
 * All but `q4f16` compute in 32-bit floats, `fp16` too: Gemma was trained in bfloat16, whose range is that of 32 bits, and
 * its activations overflow 16-bit floats. It halves the files; when a graph is loaded the weights become
 * 32-bit floats again.
 *
 * `q4` keeps 8 bits where 4 cost more than they save: the head tells neighbouring location tokens apart, the
 * vision tower sees what they point at, and of the embedding table a few rows are read at a time. The attention,
 * a sixth of the layers' weights, has finer blocks than the perceptrons, which take most of a prompt's time.
 *
 * `q4f16` is `q4` for graphics cards that have 16-bit floats: it computes in them, scaled so that they do not overflow
 * (see `Scales`), in the blocks of 32 that ONNX Runtime's products on matrix units want.
 */
export const RECIPES: Readonly<Record<Dtype, Recipe>> = {
  fp32: recipe('', 'float32'),
  fp16: recipe('_fp16', 'float16'),
  q8: recipe('_quantized', EIGHT_BITS),
  q4: {
    ...recipe('_q4', EIGHT_BITS),
    decoder: { attention: FOUR_BITS_FINE, perceptron: FOUR_BITS, head: EIGHT_BITS },
  },
  q4f16: {
    ...recipe('_q4f16', EIGHT_BITS_FINE),
    embedding: EIGHT_BITS,
    decoder: { attention: FOUR_BITS_FINE, perceptron: FOUR_BITS_FINE, head: EIGHT_BITS },
    float: 'float16',
  },
};

function recipe(suffix: string, storage: Storage): Recipe {
  return {
    suffix,
    vision: storage,
    embedding: storage,
    decoder: { attention: storage, perceptron: storage, head: storage },
    float: 'float32',
  };
}
