import type { TextConfig } from '../config.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';

/**
 * How a decoder's graph gets the keys and values of what it has read before.
 * - `growing`: as transformers.js and the public exports have it. Each run takes all of them and gives them back with
 *   the new ones behind, as other tensors.
 * - `appended`: each run takes all of them, in tensors with room behind them, and gives back the new ones alone; the
 *   caller appends them. Where tensors lie in the processor's memory that spares copying every key and value twice for
 *   each new token: a third of the time that a token takes after a picture of 448 x 448.
 */
export type CacheKind = 'growing' | 'appended';

/** One layer's attention: its number, and what its values' names begin with. */
export interface AttentionLayer {
  readonly index: number;
  readonly name: string;
}

/** The cache's part in a layer's attention. `keys` and `values` are those of what is being read now. */
export interface KeyValueCache {
  /**
   * @param keys `[batch, keyValueHeads, sequence, headSize]`
   * @param queries `[batch, keyValueHeads, headSize, rows]`
   * @returns `[batch, keyValueHeads, places, rows]`: each key's product with each query, the past's first
   */
  products(layer: AttentionLayer, keys: string, queries: string): string;
  /**
   * @param scores `[batch, keyValueHeads, rows, places]`
   * @returns them with places that hold nothing at minus infinity
   */
  visible(layer: AttentionLayer, scores: string): string;
  /**
   * @param weights `[batch, keyValueHeads, rows, places]`
   * @param values `[batch, keyValueHeads, sequence, headSize]`
   * @returns `[batch, keyValueHeads, rows, headSize]`
   */
  mixed(layer: AttentionLayer, weights: string, values: string): string;
}

type Kind = 'key' | 'value';

/** @param positions the graph's input `position_ids` */
export function keyValueCache(
  kind: CacheKind,
  graph: GraphBuilder,
  text: TextConfig,
  positions: string,
): KeyValueCache {
  return kind === 'growing' ? new GrowingCache(graph, text) : new AppendedCache(graph, text, positions);
}

/** `past_key_values.N.key|value` `[batch, keyValueHeads, past_sequence, headSize]` to `present.N.key|value`. */
class GrowingCache implements KeyValueCache {
  constructor(
    private readonly graph: GraphBuilder,
    private readonly text: TextConfig,
  ) {}

  products(layer: AttentionLayer, keys: string, queries: string): string {
    const all = this.#remembered(layer, 'key', keys);
    return this.graph.node('MatMul', [all, queries], { name: `${layer.name}.products` });
  }

  visible(_layer: AttentionLayer, scores: string): string {
    return scores;
  }

  mixed(layer: AttentionLayer, weights: string, values: string): string {
    const all = this.#remembered(layer, 'value', values);
    return this.graph.node('MatMul', [weights, all], { name: `${layer.name}.mixed` });
  }

  #remembered({ index }: AttentionLayer, kind: Kind, current: string): string {
    const { keyValueHeads, headSize } = this.text;
    const shape = (length: string): (string | number)[] => ['batch', keyValueHeads, length, headSize];
    const past = this.graph.input(`past_key_values.${index}.${kind}`, 'float32', shape('past_sequence'));
    const name = `present.${index}.${kind}`;
    this.graph.output(name, 'float32', shape('total_sequence'));
    return this.graph.node('Concat', [past, current], { name, attributes: { axis: 2 } });
  }
}

/**
 * `past_key_values.N.key|value` `[batch, keyValueHeads, capacity, headSize]`, of which the places before the first of
 * `position_ids` (which count from 1) are filled, to `current.N.key|value` `[batch, keyValueHeads, sequence, headSize]`.
 */
class AppendedCache implements KeyValueCache {
  #lengths: string | undefined;
  #hidden: string | undefined;

  constructor(
    private readonly graph: GraphBuilder,
    private readonly text: TextConfig,
    private readonly positions: string,
  ) {}

  products(layer: AttentionLayer, keys: string, queries: string): string {
    const { graph } = this;
    const past = this.#past(layer, 'key', keys);
    const pastProducts = graph.node('MatMul', [past, queries], { name: `${layer.name}.past_products` });
    const ownProducts = graph.node('MatMul', [keys, queries], { name: `${layer.name}.own_products` });
    this.#lengths ??= this.#lengthsOf(past, keys);
    return graph.node('Concat', [pastProducts, ownProducts], {
      name: `${layer.name}.products`,
      attributes: { axis: 2 },
    });
  }

  visible({ name }: AttentionLayer, scores: string): string {
    this.#hidden ??= this.#emptyPlaces();
    return this.graph.node('Add', [scores, this.#hidden], { name: `${name}.visible` });
  }

  mixed(layer: AttentionLayer, weights: string, values: string): string {
    const { graph } = this;
    const past = this.#past(layer, 'value', values);
    const [pastWeights, ownWeights] = graph.nodes(
      'Split',
      [weights, this.#pastAndOwnLengths()],
      [`${layer.name}.past_weights`, `${layer.name}.own_weights`],
      { name: `${layer.name}.weights_apart`, attributes: { axis: 3 } },
    );
    const pastMixed = graph.node('MatMul', [pastWeights, past], { name: `${layer.name}.past_mixed` });
    const ownMixed = graph.node('MatMul', [ownWeights, values], { name: `${layer.name}.own_mixed` });
    return graph.node('Add', [pastMixed, ownMixed], { name: `${layer.name}.mixed` });
  }

  /** Declares a layer's past as an input, and what is to be appended to it as an output. */
  #past({ index }: AttentionLayer, kind: Kind, current: string): string {
    const { keyValueHeads, headSize } = this.text;
    const shape = (length: string): (string | number)[] => ['batch', keyValueHeads, length, headSize];
    const name = `current.${index}.${kind}`;
    this.graph.output(name, 'float32', shape('sequence'));
    this.graph.node('Identity', [current], { name });
    return this.graph.input(`past_key_values.${index}.${kind}`, 'float32', shape('capacity'));
  }

  /** `[2]`: the capacity and the number of tokens being read, which are the same in each layer. */
  #lengthsOf(past: string, keys: string): string {
    const { graph } = this;
    const attributes = { start: 2, end: 3 };
    const capacity = graph.node('Shape', [past], { name: 'capacity', attributes });
    const sequence = graph.node('Shape', [keys], { name: 'sequence_length', attributes });
    return graph.node('Concat', [capacity, sequence], { name: 'lengths', attributes: { axis: 0 } });
  }

  #pastAndOwnLengths(): string {
    if (this.#lengths === undefined) {
      throw new Error('A layer multiplies its keys before it mixes its values.');
    }
    return this.#lengths;
  }

  /** `[places]`: zero for a place that holds something, minus infinity for one that does not. */
  #emptyPlaces(): string {
    const { graph } = this;
    const [capacity, own] = graph.nodes('Split', [this.#pastAndOwnLengths()], ['past_length', 'own_length'], {
      name: 'lengths_apart',
      attributes: { axis: 0, num_outputs: 2 },
    });
    const one = graph.index(1);
    const end = graph.node('Add', [graph.node('Squeeze', [capacity], { name: 'places' }), one], {
      name: 'places_end',
    });
    const places = graph.node('Range', [one, end, one], { name: 'past_places' });
    const first = graph.node('ReduceMin', [this.positions], {
      name: 'first_position',
      attributes: { keepdims: 0 },
    });
    const filled = graph.node('Less', [places, first], { name: 'past_filled' });
    const past = graph.node('Where', [filled, graph.scalar(0), graph.scalar(-Infinity)], {
      name: 'past_hidden',
    });
    const none = graph.node('ConstantOfShape', [own], { name: 'own_hidden' });
    return graph.node('Concat', [past, none], { name: 'hidden', attributes: { axis: 0 } });
  }
}
