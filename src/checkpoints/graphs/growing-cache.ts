import type { TextConfig } from '../config.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import { attended, type AttentionLayer } from './attention.js';
import type { KeyValueCache } from './key-value-cache.js';

/** `past_key_values.N.key|value` `[batch, keyValueHeads, past_sequence, headSize]` to `present.N.key|value`. */
export class GrowingCache implements KeyValueCache {
  constructor(
    private readonly graph: GraphBuilder,
    private readonly text: TextConfig,
  ) {}

  attend(layer: AttentionLayer, queries: string, keys: string, values: string): string {
    const all = {
      name: 'all',
      keys: this.#remembered(`${layer.index}.key`, keys),
      values: this.#remembered(`${layer.index}.value`, values),
    };
    return attended(this.graph, layer, queries, all, 'queries');
  }

  #remembered(layerAndPart: string, current: string): string {
    const { keyValueHeads, headSize } = this.text;
    const shape = (length: string): (string | number)[] => ['batch', keyValueHeads, length, headSize];
    const past = this.graph.input(
      `past_key_values.${layerAndPart}`,
      this.graph.float,
      shape('past_sequence'),
    );
    const name = `present.${layerAndPart}`;
    this.graph.output(name, this.graph.float, shape('total_sequence'));
    return this.graph.node('Concat', [past, current], { name, attributes: { axis: 2 } });
  }
}
