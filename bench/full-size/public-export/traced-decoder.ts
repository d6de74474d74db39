import type { Checkpoint } from '../../../src/checkpoints/checkpoint.js';
import { reshaped, transposed } from '../../../src/checkpoints/graphs/layers.js';
import { GraphBuilder } from '../../../src/checkpoints/onnx/graph-builder.js';
import { firstRows, mapped } from '../../../src/checkpoints/rows.js';
import { quantisedLinear, tracedGelu, tracedNorm } from './traced-layers.js';

/**
 * Gemma 2 as tracing the reference leaves it, with the interface of the public exports: logits of every position, keys
 * and values repeated for each query head, the cache grown by Concat, rotations and norms in plain operators.
 */
export function tracedDecoder(checkpoint: Checkpoint): GraphBuilder {
  const { text } = checkpoint.config;
  const graph = new GraphBuilder('decoder_model_merged');
  const embeddings = graph.input('inputs_embeds', 'float32', ['batch', 'sequence', text.hiddenSize]);
  const positions = graph.input('position_ids', 'int64', ['batch', 'sequence']);
  const decoder = new TracedDecoder(graph, checkpoint, positions);
  let hidden = graph.node('Mul', [embeddings, graph.scalar(Math.sqrt(text.hiddenSize))], { name: 'scaled' });
  for (let layer = 0; layer < text.layers; layer++) {
    hidden = decoder.layer(layer, hidden);
  }
  const { name, rows } = checkpoint.head;
  quantisedLinear(graph, decoder.norm('language_model.norm', hidden), {
    name: 'logits',
    weight: firstRows(checkpoint.rows(name), rows),
  });
  graph.output('logits', 'float32', ['batch', 'sequence', rows]);
  return graph;
}

class TracedDecoder {
  readonly #cosines: string;
  readonly #sines: string;

  constructor(
    private readonly graph: GraphBuilder,
    private readonly checkpoint: Checkpoint,
    positions: string,
  ) {
    const { headSize, ropeTheta } = checkpoint.config.text;
    const numbers = graph.node('Cast', [positions], { name: 'positions', attributes: { to: 1 } });
    const column = graph.node('Unsqueeze', [numbers, graph.integers(1, 3)], { name: 'positions_column' });
    const frequencies = graph.constant(
      'inverse_frequencies',
      [1, 1, 1, headSize / 2],
      Float32Array.from({ length: headSize / 2 }, (_, pair) => ropeTheta ** ((-2 * pair) / headSize)),
    );
    const half = graph.node('MatMul', [column, frequencies], { name: 'half_angles' });
    const angles = graph.node('Concat', [half, half], { name: 'angles', attributes: { axis: -1 } });
    this.#cosines = graph.node('Cos', [angles], { name: 'cosines' });
    this.#sines = graph.node('Sin', [angles], { name: 'sines' });
  }

  layer(index: number, input: string): string {
    const { graph } = this;
    const name = `language_model.layers.${index}`;
    const attended = this.#attention(index, this.norm(`${name}.input_layernorm`, input));
    const hidden = graph.node('Add', [input, this.norm(`${name}.post_attention_layernorm`, attended)], {
      name: `${name}.attended`,
    });
    const normed = this.norm(`${name}.pre_feedforward_layernorm`, hidden);
    const gate = tracedGelu(graph, this.#linear(`${name}.mlp.gate_proj`, normed), `${name}.mlp.active`);
    const up = this.#linear(`${name}.mlp.up_proj`, normed);
    const gated = graph.node('Mul', [gate, up], { name: `${name}.mlp.gated` });
    const transformed = this.#linear(`${name}.mlp.down_proj`, gated);
    return graph.node('Add', [hidden, this.norm(`${name}.post_feedforward_layernorm`, transformed)], {
      name,
    });
  }

  norm(name: string, input: string): string {
    const weight = mapped(this.checkpoint.rows(`${name}.weight`), (value) => 1 + value);
    return tracedNorm(this.graph, input, {
      name,
      weight,
      epsilon: this.checkpoint.config.text.rmsNormEpsilon,
    });
  }

  #attention(index: number, input: string): string {
    const { graph } = this;
    const { heads, keyValueHeads, headSize, attentionScale, attentionSoftcap } = this.checkpoint.config.text;
    const name = `language_model.layers.${index}.self_attn`;
    const byHead = (projection: string, count: number): string => {
      const split = reshaped(
        graph,
        this.#linear(`${name}.${projection}`, input),
        [0, -1, count, headSize],
        `${name}.${projection}.split`,
      );
      return transposed(graph, split, [0, 2, 1, 3], `${name}.${projection}.by_head`);
    };
    const queries = this.#rotated(byHead('q_proj', heads), `${name}.queries`);
    const keys = this.#rotated(byHead('k_proj', keyValueHeads), `${name}.keys`);
    const allKeys = this.#repeated(this.#remembered(index, 'key', keys), `${name}.keys`);
    const allValues = this.#repeated(
      this.#remembered(index, 'value', byHead('v_proj', keyValueHeads)),
      `${name}.values`,
    );
    const turned = transposed(graph, allKeys, [0, 1, 3, 2], `${name}.turned`);
    const products = graph.node('MatMul', [queries, turned], { name: `${name}.products` });
    let scores = graph.node('Mul', [products, graph.scalar(attentionScale)], { name: `${name}.scores` });
    if (attentionSoftcap !== undefined) {
      const cap = graph.scalar(attentionSoftcap);
      const parts = graph.node('Div', [scores, cap], { name: `${name}.parts` });
      const bounded = graph.node('Tanh', [parts], { name: `${name}.bounded` });
      scores = graph.node('Mul', [bounded, cap], { name: `${name}.capped` });
    }
    const masked = graph.node('Add', [scores, graph.constant('mask', [1, 1, 1, 1], new Float32Array(1))], {
      name: `${name}.masked`,
    });
    const weights = graph.node('Softmax', [masked], { name: `${name}.weights`, attributes: { axis: -1 } });
    const mixed = graph.node('MatMul', [weights, allValues], { name: `${name}.mixed` });
    const byToken = transposed(graph, mixed, [0, 2, 1, 3], `${name}.by_token`);
    const flat = reshaped(graph, byToken, [0, -1, heads * headSize], `${name}.flat`);
    return this.#linear(`${name}.o_proj`, flat);
  }

  #rotated(input: string, name: string): string {
    const { graph } = this;
    const half = this.checkpoint.config.text.headSize / 2;
    const slice = (from: number, to: number, part: string): string =>
      graph.node('Slice', [input, graph.integers(from), graph.integers(to), graph.integers(3)], {
        name: `${name}.${part}`,
      });
    const turned = graph.node('Neg', [slice(half, 2 ** 31, 'second')], { name: `${name}.negated` });
    const other = graph.node('Concat', [turned, slice(0, half, 'first')], {
      name: `${name}.other`,
      attributes: { axis: -1 },
    });
    const along = graph.node('Mul', [input, this.#cosines], { name: `${name}.along` });
    const across = graph.node('Mul', [other, this.#sines], { name: `${name}.across` });
    return graph.node('Add', [along, across], { name: `${name}.rotated` });
  }

  #remembered(index: number, kind: 'key' | 'value', current: string): string {
    const { keyValueHeads, headSize } = this.checkpoint.config.text;
    const past = this.graph.input(`past_key_values.${index}.${kind}`, 'float32', [
      'batch',
      keyValueHeads,
      'past_sequence',
      headSize,
    ]);
    const name = `present.${index}.${kind}`;
    this.graph.output(name, 'float32', ['batch', keyValueHeads, 'total_sequence', headSize]);
    return this.graph.node('Concat', [past, current], { name, attributes: { axis: 2 } });
  }

  /** A key head once for each of its query heads, as `repeat_kv` of the reference does it. */
  #repeated(input: string, name: string): string {
    const { graph } = this;
    const { heads, keyValueHeads, headSize } = this.checkpoint.config.text;
    const apart = graph.node('Unsqueeze', [input, graph.integers(2)], { name: `${name}.apart` });
    const copies = graph.node('Expand', [apart, graph.integers(1, 1, heads / keyValueHeads, 1, 1)], {
      name: `${name}.copies`,
    });
    return reshaped(graph, copies, [0, heads, -1, headSize], `${name}.repeated`);
  }

  #linear(name: string, input: string): string {
    return quantisedLinear(this.graph, input, { name, weight: this.checkpoint.rows(`${name}.weight`) });
  }
}
