import type { TextConfig } from '../config.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import { attended, attendedInPieces, type AttentionLayer, type Division, type Piece } from './attention.js';
import type { KeyValueCache } from './key-value-cache.js';

/**
 * To `current.N.key|value` `[batch, keyValueHeads, sequence, headSize]`, from
 * - `past_key_values.N.key|value` `[batch, keyValueHeads, prompt_sequence, headSize]`: the prompt's, none at first;
 * - `answer_key_values.N.key|value` `[batch, keyValueHeads, capacity, headSize]`: the answer's, of which as many places
 *   are filled as `position_ids`, which count from 1, leave between the prompt and what is being read.
 */
export class AppendedCache implements KeyValueCache {
  #past: { readonly isEmpty: string; readonly division: Division } | undefined;

  constructor(
    private readonly graph: GraphBuilder,
    private readonly text: TextConfig,
    private readonly positions: string,
  ) {}

  attend(layer: AttentionLayer, queries: string, keys: string, values: string): string {
    const { graph } = this;
    const prompt = this.#given('past_key_values', 'prompt', layer);
    const answer = this.#given('answer_key_values', 'answer', layer);
    const current = { name: 'current', keys, values };
    this.#giveBack(`${layer.index}.key`, keys);
    this.#giveBack(`${layer.index}.value`, values);
    const { isEmpty, division } = (this.#past ??= this.#pastOf(prompt, answer, current));
    // A prompt's scores are hundreds of megabytes, to which the past's, of which there is none, are not to be joined.
    return graph.choice(
      isEmpty,
      (branch) => attended(branch, { ...layer, name: `${layer.name}.first` }, queries, current, 'keys'),
      (branch) => attendedInPieces(branch, layer, queries, [prompt, answer, current], division),
      { name: `${layer.name}.mixed` },
    );
  }

  #given(input: string, name: string, { index }: AttentionLayer): Piece {
    const { keyValueHeads, headSize } = this.text;
    const length = name === 'prompt' ? 'prompt_sequence' : 'capacity';
    const given = (part: string): string =>
      this.graph.input(`${input}.${index}.${part}`, this.graph.float, [
        'batch',
        keyValueHeads,
        length,
        headSize,
      ]);
    return { name, keys: given('key'), values: given('value') };
  }

  #giveBack(layerAndPart: string, current: string): void {
    const { keyValueHeads, headSize } = this.text;
    const name = `current.${layerAndPart}`;
    this.graph.output(name, this.graph.float, ['batch', keyValueHeads, 'sequence', headSize]);
    this.graph.node('Identity', [current], { name });
  }

  /** Whether there is a past, and how it lies in its tensors, which is the same in each layer. */
  #pastOf(prompt: Piece, answer: Piece, current: Piece): { isEmpty: string; division: Division } {
    const { graph } = this;
    const lengths = [prompt, answer, current].map(({ name, keys }) =>
      graph.node('Shape', [keys], { name: `${name}_length`, attributes: { start: 2, end: 3 } }),
    );
    const first = graph.node('ReduceMin', [this.positions], {
      name: 'first_position',
      attributes: { keepdims: 0 },
    });
    return {
      isEmpty: graph.node('Equal', [first, graph.index(1)], { name: 'past_is_empty' }),
      division: {
        lengths: graph.node('Concat', lengths, { name: 'lengths', attributes: { axis: 0 } }),
        hidden: this.#emptyPlaces(lengths, first),
      },
    };
  }

  /** `[places]`: minus infinity for the answer's places from `first` on, of which none is filled yet. */
  #emptyPlaces([promptLength, capacity, currentLength]: readonly string[], first: string): string {
    const { graph } = this;
    const start = graph.node('Add', [scalarOf(graph, promptLength, 'prompt_end'), graph.index(1)], {
      name: 'answer_start',
    });
    const end = graph.node('Add', [start, scalarOf(graph, capacity, 'answer_room')], { name: 'answer_end' });
    const positions = graph.node('Range', [start, end, graph.index(1)], { name: 'answer_positions' });
    const filled = graph.node('Less', [positions, first], { name: 'answer_filled' });
    const answer = graph.node('Where', [filled, graph.scalar(0), graph.scalar(-Infinity)], {
      name: 'answer_hidden',
    });
    const none = (length: string, name: string): string => graph.node('ConstantOfShape', [length], { name });
    return graph.node(
      'Concat',
      [none(promptLength, 'prompt_hidden'), answer, none(currentLength, 'current_hidden')],
      { name: 'hidden', attributes: { axis: 0 } },
    );
  }
}

function scalarOf(graph: GraphBuilder, vector: string, name: string): string {
  return graph.node('Squeeze', [vector], { name });
}
