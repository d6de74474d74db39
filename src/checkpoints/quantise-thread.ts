import { move, transferableSymbol, valueSymbol } from 'piscina';
import { quantiseRows, type HowToQuantise } from './quantise-part.js';

/** What a thread of `quantise-threads.ts` does with each part that it is sent. Nothing is copied on the way back. */
export default function quantiseInThread({
  weights,
  how,
}: {
  readonly weights: Float32Array;
  readonly how: HowToQuantise;
}): unknown {
  const tensors = quantiseRows(weights, how);
  return move({
    [valueSymbol]: tensors,
    [transferableSymbol]: tensors.map(({ buffer }) => buffer),
  });
}
