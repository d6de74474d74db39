import type { TextConfig } from '../config.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import { weightsOf, type AttentionLayer } from './attention.js';
import type { KeyValueCache } from './key-value-cache.js';
import { transposed } from './layers.js';

/**
 * For a graphics card, where tensors that are created anew for each token cost more than what is computed with them.
 * To `current.N.key|value`, what is to be remembered after the run, from
 * - `past_key_values.N.key` `[batch, keyValueHeads, headSize, prompt_sequence]` and `.value` `[batch, keyValueHeads,
 *   prompt_sequence, headSize]`: the prompt's. The run that reads a prompt gives them, and they stay as they are.
 * - `answer_key_values.N.key` `[batch, keyValueHeads, headSize, answer_sequence]` and `.value`: the answer's, none at
 *   first; a run that reads a token gives them grown by it.
 * - `hidden_places` `[places]`: zero, or minus infinity where nothing is remembered, of all places of `past_key_values`
 *   and those behind them with what is being read
 * - `place_counts` int64 `[2]`: how many places these are, and those
 *
 * While a prompt is read there is no past yet, and tensors of no length are not for all of a card's operators: a few
 * hidden places stand in for it. That costs less than a choice between two ways, for which ONNX Runtime takes a third of a
 * millisecond in each layer. Keys lie transposed, since a product takes them so.
 */
export class SplitCache implements KeyValueCache {
  readonly #hidden: string;
  readonly #counts: string;

  constructor(
    private readonly graph: GraphBuilder,
    private readonly text: TextConfig,
  ) {
    this.#hidden = graph.input('hidden_places', graph.float, ['places']);
    this.#counts = graph.input('place_counts', 'int64', [2]);
  }

  attend(layer: AttentionLayer, queries: string, keys: string, values: string): string {
    const { graph } = this;
    const { name } = layer;
    const transposedKeys = transposed(graph, keys, [0, 1, 3, 2], `${name}.transposed_keys`);
    const parts = [
      {
        keys: this.#given('past_key_values', 'prompt', layer, 'key'),
        values: this.#given('past_key_values', 'prompt', layer, 'value'),
      },
      {
        keys: this.#grown(layer, 'key', transposedKeys),
        values: this.#grown(layer, 'value', values),
      },
    ];
    const scores = graph.node(
      'Concat',
      parts.map((part, i) => graph.node('MatMul', [queries, part.keys], { name: `${name}.scores_${i}` })),
      { name: `${name}.scores`, attributes: { axis: 3 } },
    );
    const weights = graph.nodes(
      'Split',
      [weightsOf(graph, layer, scores, this.#hidden), this.#counts],
      parts.map((_, i) => `${name}.weights_${i}`),
      { name: `${name}.weights_apart`, attributes: { axis: 3 } },
    );
    const mixed = parts.map((part, i) =>
      graph.node('MatMul', [weights[i], part.values], { name: `${name}.mixed_${i}` }),
    );
    return graph.node('Add', mixed, { name: `${name}.mixed` });
  }

  /** What is remembered of a run: the answer's keys or values with the current ones behind. */
  #grown(layer: AttentionLayer, part: Part, current: string): string {
    const before = this.#given('answer_key_values', 'answer', layer, part);
    const name = `current.${layer.index}.${part}`;
    this.graph.output(name, this.graph.float, this.#shape('sequence', part));
    return this.graph.node('Concat', [before, current], {
      name,
      attributes: { axis: part === 'key' ? 3 : 2 },
    });
  }

  #given(input: string, of: string, { index }: AttentionLayer, part: Part): string {
    return this.graph.input(
      `${input}.${index}.${part}`,
      this.graph.float,
      this.#shape(`${of}_sequence`, part),
    );
  }

  #shape(places: string, part: Part): (string | number)[] {
    const { keyValueHeads, headSize } = this.text;
    return part === 'key'
      ? ['batch', keyValueHeads, headSize, places]
      : ['batch', keyValueHeads, places, headSize];
  }
}

type Part = 'key' | 'value';
