import type { GraphBuilder, StoredTensors } from '../../../src/checkpoints/onnx/graph-builder.js';
import { floats } from '../../../src/checkpoints/graphs/layers.js';
import type { Rows } from '../../../src/checkpoints/rows.js';

/** As the public exports quantise: 64 weights share a scale, zero is in the middle, and level 2 computes in halves. */
const BLOCK = 64;
const ACCURACY = 2;

/** A matrix product as the public exports store it: 4 bits for each weight. */
export function quantisedLinear(
  graph: GraphBuilder,
  input: string,
  { name, weight, bias }: { readonly name: string; readonly weight: Rows; readonly bias?: Rows },
): string {
  const product = graph.node('MatMulNBits', [input, ...graph.store(symmetric4(name, weight))], {
    name: bias === undefined ? name : `${name}.product`,
    domain: 'com.microsoft',
    attributes: {
      N: weight.rows,
      K: weight.columns,
      bits: 4,
      block_size: BLOCK,
      accuracy_level: ACCURACY,
    },
  });
  return bias === undefined
    ? product
    : graph.node('Add', [product, floats(graph, `${name}.bias`, bias)], { name });
}

/** GELU by tanh in the operators that tracing it leaves. */
export function tracedGelu(graph: GraphBuilder, input: string, name: string): string {
  const cube = graph.node('Pow', [input, graph.scalar(3)], { name: `${name}.cube` });
  const scaled = graph.node('Mul', [cube, graph.scalar(0.044715)], { name: `${name}.scaled` });
  const sum = graph.node('Add', [input, scaled], { name: `${name}.sum` });
  const inner = graph.node('Mul', [sum, graph.scalar(Math.sqrt(2 / Math.PI))], { name: `${name}.inner` });
  const bounded = graph.node('Tanh', [inner], { name: `${name}.bounded` });
  const raised = graph.node('Add', [bounded, graph.scalar(1)], { name: `${name}.raised` });
  const half = graph.node('Mul', [input, graph.scalar(0.5)], { name: `${name}.half` });
  return graph.node('Mul', [half, raised], { name });
}

/** Root mean square norm in the operators that tracing it leaves; `weight` has the one already added. */
export function tracedNorm(
  graph: GraphBuilder,
  input: string,
  { name, weight, epsilon }: { readonly name: string; readonly weight: Rows; readonly epsilon: number },
): string {
  const square = graph.node('Pow', [input, graph.scalar(2)], { name: `${name}.square` });
  const mean = graph.node('ReduceMean', [square, graph.integers(-1)], { name: `${name}.mean` });
  const safe = graph.node('Add', [mean, graph.scalar(epsilon)], { name: `${name}.safe` });
  const root = graph.node('Sqrt', [safe], { name: `${name}.root` });
  const inverse = graph.node('Div', [graph.scalar(1), root], { name: `${name}.inverse` });
  const normed = graph.node('Mul', [input, inverse], { name: `${name}.normed` });
  return graph.node('Mul', [normed, floats(graph, `${name}.weight`, weight)], { name });
}

function symmetric4(name: string, weight: Rows): StoredTensors {
  const { rows, columns } = weight;
  const blocks = Math.ceil(columns / BLOCK);
  return {
    specs: [
      { name: `${name}.values`, dataType: 'uint8', dims: [rows, blocks, BLOCK / 2] },
      { name: `${name}.scales`, dataType: 'float32', dims: [rows, blocks] },
    ],
    async *blocks() {
      for await (const part of weight.blocks()) {
        const { values, scales } = quantise(part, columns);
        yield [values, new Uint8Array(scales.buffer)];
      }
    },
  };
}

/** The value that lies farthest from zero gets the level 0 of 16, as in ONNX Runtime's own quantiser. */
function quantise(weights: Float32Array, columns: number): { values: Uint8Array; scales: Float32Array } {
  const rows = weights.length / columns;
  const blocks = Math.ceil(columns / BLOCK);
  const values = new Uint8Array((rows * blocks * BLOCK) / 2).fill(0x88);
  const scales = new Float32Array(rows * blocks);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < blocks; block++) {
      const first = row * columns + block * BLOCK;
      const end = Math.min(first + BLOCK, (row + 1) * columns);
      let farthest = 0;
      for (let index = first; index < end; index++) {
        farthest = Math.abs(weights[index]) > Math.abs(farthest) ? weights[index] : farthest;
      }
      const at = row * blocks + block;
      scales[at] = farthest / -8;
      const perUnit = farthest === 0 ? 0 : -8 / farthest;
      for (let index = first; index < end; index++) {
        const level = Math.min(15, Math.max(0, Math.round(weights[index] * perUnit) + 8));
        const byte = (at * BLOCK + index - first) >> 1;
        values[byte] =
          ((index - first) & 1) === 0 ? (values[byte] & 0xf0) | level : (values[byte] & 0x0f) | (level << 4);
      }
    }
  }
  return { values, scales };
}
