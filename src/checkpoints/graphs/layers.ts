import { toFloat16 } from '../float.js';
import type { FloatType, GraphBuilder, StoredTensors } from '../onnx/graph-builder.js';
import type { Quantisation } from '../quantise-blocks.js';
import { DATA_TYPES } from '../onnx/schema.js';
import { quantisedMatrix } from '../quantise.js';
import type { Rows } from '../rows.js';

/** How a matrix of weights is stored: as floats, or as blocks of integers with a scale. */
export type Storage = 'float32' | 'float16' | Quantisation;

/**
 * Lets MatMulNBits round its input to 8 bits, block by block, and multiply integers. Beside what rounding the
 * weights does that adds nothing with 4 bits (6.0 % error either way) and little with 8 (0.54 % for 0.37 %),
 * and on a processor one token through 8 bits takes 0.5 ms instead of 97 (2304 x 9216, two cores).
 */
const ACCURACY = 4;

interface Linear {
  readonly name: string;
  /** One row for each output, as checkpoints have it. */
  readonly weight: Rows;
  readonly bias?: Rows;
  readonly storage: Storage;
  /** What is multiplied, where it is not what the graph computes in. */
  readonly float?: FloatType;
}

/**
 * Multiplies `input`, `[n, columns]`, by the transposed weight and adds the bias: `[n, rows]`.
 *
 * Gemm takes the matrix as checkpoints store it, one row an output, so that none is transposed in memory while
 * it is converted; it wants two dimensions, which is why the graphs keep batch and sequence in one.
 */
export function linear(
  graph: GraphBuilder,
  input: string,
  { name, weight, bias, storage, float = graph.float }: Linear,
): string {
  const biases = bias === undefined ? [] : [floats(graph, `${name}.bias`, bias)];
  if (typeof storage === 'string') {
    return graph.node('Gemm', [input, matrix(graph, `${name}.weight`, weight, storage), ...biases], {
      name,
      attributes: { transB: 1 },
    });
  }
  const productName = bias === undefined ? name : `${name}.product`;
  const product = graph.node(
    'MatMulNBits',
    [input, ...graph.store(quantisedMatrix(productName, weight, storage, float))],
    {
      name: productName,
      domain: 'com.microsoft',
      attributes: {
        N: weight.rows,
        K: weight.columns,
        bits: storage.bits,
        block_size: storage.block,
        accuracy_level: ACCURACY,
      },
    },
  );
  return bias === undefined ? product : graph.node('Add', [product, ...biases], { name });
}

/** Weights of any shape that take part as what the graph computes in, whatever they are stored as. */
export function matrix(
  graph: GraphBuilder,
  name: string,
  weight: Rows,
  storage: 'float32' | 'float16',
  dims: readonly number[] = [weight.rows, weight.columns],
): string {
  if (storage === graph.float) {
    return floats(graph, name, weight, dims);
  }
  const [stored] = graph.store(floatTensor(`${name}.stored`, weight, dims, storage));
  return cast(graph, stored, graph.float, name);
}

/** Weights stored as what the graph computes in; a vector by default. */
export function floats(
  graph: GraphBuilder,
  name: string,
  weight: Rows,
  dims: readonly number[] = [weight.rows],
): string {
  return graph.store(floatTensor(name, weight, dims, graph.float))[0];
}

function floatTensor(
  name: string,
  weight: Rows,
  dims: readonly number[],
  dataType: FloatType,
): StoredTensors {
  return {
    specs: [{ name, dataType, dims }],
    async *blocks() {
      for await (const block of weight.blocks()) {
        yield [bytesOf(dataType === 'float16' ? toFloat16(block) : block)];
      }
    },
  };
}

/** The same numbers in another type. */
export function cast(graph: GraphBuilder, input: string, to: FloatType, name: string): string {
  return graph.node('Cast', [input], { name, attributes: { to: DATA_TYPES[to] } });
}

/** @param shape 0 keeps the length in this place, and -1 is what is left over */
export function reshaped(graph: GraphBuilder, input: string, shape: readonly number[], name: string): string {
  return graph.node('Reshape', [input, graph.integers(...shape)], { name });
}

/** @param axes the input's, in the order in which the output has them */
export function transposed(
  graph: GraphBuilder,
  input: string,
  axes: readonly number[],
  name: string,
): string {
  return graph.node('Transpose', [input], { name, attributes: { perm: axes } });
}

/** GELU in the approximation by tanh, which both halves of the model were trained with. */
export function gelu(graph: GraphBuilder, input: string, name: string): string {
  return graph.node('Gelu', [input], { name, attributes: { approximate: 'tanh' } });
}

function bytesOf(values: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
