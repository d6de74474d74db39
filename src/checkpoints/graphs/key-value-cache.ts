import type { TextConfig } from '../config.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import { AppendedCache } from './appended-cache.js';
import type { AttentionLayer } from './attention.js';
import { GrowingCache } from './growing-cache.js';
import { SplitCache } from './split-cache.js';

/**
 * How a decoder's graph gets the keys and values of what it has read before.
 * - `growing`: as transformers.js and the public exports have it. Each run takes all of them and gives them back with
 *   the new ones behind, as other tensors.
 * - `appended`: a run gives back the new ones alone. Those of the prompt are taken again as they were given; those of the
 *   answer lie in tensors with room behind them, and the caller appends to them. Where tensors lie in the processor's
 *   memory that spares copying every key and value twice for each new token, which after a picture of 448 x 448 takes
 *   longer than the token itself.
 * - `split`: those of the prompt stay on the graphics card as they were given, and only those of the answer are given
 *   back grown.
 */
export type CacheKind = 'growing' | 'appended' | 'split';

/** The cache's part in a layer's attention. */
export interface KeyValueCache {
  /**
   * Lets what is being read attend to itself and to the past.
   *
   * @param queries `[batch, keyValueHeads, rows, headSize]`
   * @param keys `[batch, keyValueHeads, sequence, headSize]`, and so are `values`: of what is being read
   * @returns `[batch, keyValueHeads, rows, headSize]`
   */
  attend(layer: AttentionLayer, queries: string, keys: string, values: string): string;
}

/** @param positions the graph's input `position_ids` */
export function keyValueCache(
  kind: CacheKind,
  graph: GraphBuilder,
  text: TextConfig,
  positions: string,
): KeyValueCache {
  switch (kind) {
    case 'growing':
      return new GrowingCache(graph, text);
    case 'appended':
      return new AppendedCache(graph, text, positions);
    case 'split':
      return new SplitCache(graph, text);
  }
}
