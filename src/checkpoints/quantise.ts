import { toFloat16 } from './float.js';
import type { FloatType, StoredTensors } from './onnx/graph-builder.js';
import { EIGHT_BITS, type Quantisation } from './quantise-blocks.js';
import { PARTS_AHEAD, quantisePart } from './quantise-threads.js';
import { quantiseRows, type HowToQuantise } from './quantise-part.js';
import type { Rows } from './rows.js';

/**
 * Weights in the layout of the operator MatMulNBits
 * (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md): integers, scales and, with 4
 * bits, zero points. Rows that do not fill their last block are padded with zeros.
 *
 * @param scaleType what the scales are stored as, and so what the product takes and gives
 */
export function quantisedMatrix(
  name: string,
  weight: Rows,
  { bits, block }: Quantisation,
  scaleType: FloatType = 'float32',
): StoredTensors {
  const { rows, columns } = weight;
  const blocks = Math.ceil(columns / block);
  const values = {
    name: `${name}.values`,
    dataType: 'uint8',
    dims: [rows, blocks, (block * bits) / 8],
  } as const;
  const scales = { name: `${name}.scales`, dataType: scaleType, dims: [rows, blocks] } as const;
  const inType = scaleType === 'float16' ? withHalfScales : asTheyAre;
  if (bits === 8) {
    return {
      specs: [values, scales],
      blocks: () => inType(quantiseEach(weight, { bits, columns, block, storedColumns: blocks * block })),
    };
  }
  const zeroPoints = {
    name: `${name}.zero_points`,
    dataType: 'uint8',
    dims: [rows, Math.ceil(blocks / 2)],
  } as const;
  return {
    specs: [values, scales, zeroPoints],
    blocks: () => inType(quantiseEach(weight, { bits, columns, block })),
  };
}

/** Weights in the layout of the operator GatherBlockQuantized, 8 bits each: integers without padding, and scales. */
export function quantisedTable(name: string, weight: Rows): StoredTensors {
  const { rows, columns } = weight;
  return {
    specs: [
      { name: `${name}.values`, dataType: 'uint8', dims: [rows, columns] },
      { name: `${name}.scales`, dataType: 'float32', dims: [rows, Math.ceil(columns / EIGHT_BITS.block)] },
    ],
    blocks: () => quantiseEach(weight, { bits: 8, columns, block: EIGHT_BITS.block, storedColumns: columns }),
  };
}

function asTheyAre(parts: AsyncIterable<Uint8Array[]>): AsyncIterable<Uint8Array[]> {
  return parts;
}

/** The second tensor of each part as 16-bit floats. */
async function* withHalfScales(parts: AsyncIterable<Uint8Array[]>): AsyncIterable<Uint8Array[]> {
  for await (const [values, scales, ...rest] of parts) {
    const halves = toFloat16(new Float32Array(scales.buffer, scales.byteOffset, scales.byteLength / 4));
    yield [values, new Uint8Array(halves.buffer), ...rest];
  }
}

/** Weights of a matrix for which starting threads is not worth it. */
const SMALL_MATRIX = 1 << 20;

/** In their order; while one part is written, further ones are read and quantised on the other cores. */
async function* quantiseEach(weight: Rows, how: HowToQuantise): AsyncIterable<Uint8Array[]> {
  if (weight.rows * weight.columns < SMALL_MATRIX) {
    for await (const part of weight.blocks()) {
      yield quantiseRows(part, how);
    }
    return;
  }
  const underWay: Promise<Uint8Array[]>[] = [];
  for await (const part of weight.blocks()) {
    const quantised = quantisePart(part, how);
    // What goes wrong is told when it is this part's turn; until then nobody listens.
    quantised.catch(() => undefined);
    underWay.push(quantised);
    if (underWay.length > PARTS_AHEAD) {
      for (const first of underWay.splice(0, 1)) {
        yield await first;
      }
    }
  }
  for (const left of underWay) {
    yield await left;
  }
}
