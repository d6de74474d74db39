import { quantise4, quantise8, type Quantisation } from './quantise-blocks.js';

/** How the rows of a matrix become integers. */
export type HowToQuantise =
  | {
      readonly bits: 8;
      readonly columns: number;
      readonly block: Quantisation['block'];
      readonly storedColumns: number;
    }
  | { readonly bits: 4; readonly columns: number; readonly block: Quantisation['block'] };

/** @param weights whole rows; the result is the bytes of each tensor that they are stored in */
export function quantiseRows(weights: Float32Array, how: HowToQuantise): Uint8Array<ArrayBuffer>[] {
  const tensors =
    how.bits === 8 ? quantise8(weights, how.columns, how) : quantise4(weights, how.columns, how.block);
  return tensors.map(({ buffer }) => new Uint8Array(buffer as ArrayBuffer));
}
