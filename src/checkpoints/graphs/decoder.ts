import type { Checkpoint } from '../checkpoint.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { firstRows, mapped, stacked, type Rows } from '../rows.js';
import type { AttentionLayer } from './attention.js';
import { keyValueCache, type CacheKind, type KeyValueCache } from './key-value-cache.js';
import { floats, gelu, linear, reshaped, transposed, type Storage } from './layers.js';
import { rotaryTable } from './rotary-tables.js';

/** How the matrices of the layers and of the head behind them are stored. */
export interface DecoderStorage {
  /** The projections around the attention. */
  readonly attention: Storage;
  /** The perceptron behind it, of five times as many weights. */
  readonly perceptron: Storage;
  readonly head: Storage;
}

/**
 * Gemma 2: embeddings of a prompt, or of one generated token, to the next token's logits.
 *
 * - `inputs_embeds` float32 `[batch, sequence, hidden]`, `position_ids` int64 `[batch, sequence]` from 1
 * - `logits` float32 `[batch, 1, vocabulary]`, of the last position only: those of a whole prompt with a
 *   picture of 448 x 448 would take a gigabyte; not capped, as PaliGemma 2 was trained without Gemma's
 *   final softcap (transformers 5.23 applies it all the same; the order of the tokens does not change)
 * - the keys and values of the past, empty at first, float32 `[batch, keyValueHeads, tokens, headSize]`: see
 *   `CacheKind`
 *
 * No mask hides anything: what is passed in attends to all of it and to all of the past. That is what
 * PaliGemma's prompt, picture and words, does among itself, and right for one generated token at a time.
 * Hence sequences of a batch must be equally long, a prompt must come in one piece, and several generated
 * tokens must not be passed in at once: they would see what follows them.
 */
export function decoderGraph(
  checkpoint: Checkpoint,
  storage: DecoderStorage,
  cache: CacheKind,
): GraphBuilder {
  const { text } = checkpoint.config;
  const graph = new GraphBuilder('decoder_model_merged');
  const embeddings = graph.input('inputs_embeds', 'float32', ['batch', 'sequence', text.hiddenSize]);
  const decoder = new Decoder(graph, checkpoint, storage, embeddings, cache);
  let hidden = reshaped(graph, embeddings, [-1, text.hiddenSize], 'flat_embeds');
  for (let layer = 0; layer < text.layers; layer++) {
    hidden = decoder.layer(layer, hidden);
  }
  const { name, rows } = checkpoint.head;
  const logits = linear(graph, decoder.norm('language_model.norm', hidden), {
    name: 'lm_head',
    weight: firstRows(checkpoint.rows(name), rows),
    storage: storage.head,
  });
  reshaped(graph, logits, [-1, 1, rows], 'logits');
  graph.output('logits', 'float32', ['batch', 1, rows]);
  return graph;
}

/**
 * The layers' parts; every value between them is `[batch * sequence, hidden]`. Behind the last layer's keys and values
 * only the last position is wanted, so that it takes a tenth of the others' time for a prompt.
 */
class Decoder {
  readonly #positions: string;
  readonly #cosines: string;
  readonly #sines: string;
  readonly #cache: KeyValueCache;
  /** The shape that parts the joined projections by head: `[batch, sequence, heads, headSize]`. */
  readonly #byHead: string;

  constructor(
    private readonly graph: GraphBuilder,
    private readonly checkpoint: Checkpoint,
    private readonly storage: DecoderStorage,
    private readonly embeddings: string,
    cache: CacheKind,
  ) {
    const { text } = checkpoint.config;
    this.#positions = graph.input('position_ids', 'int64', ['batch', 'sequence']);
    this.#cache = keyValueCache(cache, graph, text, this.#positions);
    const table = [text.maxPositions, text.headSize / 2];
    this.#cosines = floats(graph, 'rotary.cosines', rotaryTable(Math.cos, text), table);
    this.#sines = floats(graph, 'rotary.sines', rotaryTable(Math.sin, text), table);
    this.#byHead = this.#shapeByHead();
  }

  /**
   * Made by broadcasting one number of each position, since a graphics card does not join the integers of a shape: that
   * node alone would be the processor's, and each layer would have to wait for it.
   */
  #shapeByHead(): string {
    const { graph, embeddings } = this;
    const { heads, keyValueHeads, headSize } = this.checkpoint.config.text;
    const first = graph.node('Gather', [embeddings, graph.integers(0)], {
      name: 'first_numbers',
      attributes: { axis: 2 },
    });
    const single = reshaped(graph, first, [0, 0, 1, 1], 'single_numbers');
    const broadcast = graph.node(
      'Expand',
      [single, graph.integers(1, 1, heads + 2 * keyValueHeads, headSize)],
      { name: 'numbers_by_head' },
    );
    return graph.node('Shape', [broadcast], { name: 'by_head_shape' });
  }

  /** @returns `[batch * sequence, hidden]`, of the last layer `[batch, hidden]` */
  layer(index: number, input: string): string {
    const { graph } = this;
    const name = `language_model.layers.${index}`;
    const attended = this.#attention(index, this.norm(`${name}.input_layernorm`, input));
    const residual = this.#isLast(index) ? this.#lastPosition(input) : input;
    const hidden = graph.node('Add', [residual, this.norm(`${name}.post_attention_layernorm`, attended)], {
      name: `${name}.attended`,
    });
    const transformed = this.#mlp(`${name}.mlp`, this.norm(`${name}.pre_feedforward_layernorm`, hidden));
    return graph.node('Add', [hidden, this.norm(`${name}.post_feedforward_layernorm`, transformed)], {
      name,
    });
  }

  /**
   * The root mean square norm, by the name that ONNX Runtime had for it before the standard did: all of its
   * providers know that one. Gemma's checkpoints hold what is added to one; the operator multiplies by the sum.
   */
  norm(name: string, input: string): string {
    const weight = mapped(this.#rows(`${name}.weight`), (value) => 1 + value);
    return this.graph.node(
      'SimplifiedLayerNormalization',
      [input, floats(this.graph, `${name}.weight`, weight)],
      {
        name,
        attributes: {
          axis: -1,
          epsilon: { float: this.checkpoint.config.text.rmsNormEpsilon },
          stash_type: 1,
        },
      },
    );
  }

  #attention(index: number, input: string): string {
    const { graph } = this;
    const { text } = this.checkpoint.config;
    const { heads, keyValueHeads } = text;
    const { attention } = this.storage;
    const name = `language_model.layers.${index}.self_attn`;
    const joined = this.#linear(`${name}.qkv`, input, attention, [
      `${name}.q_proj`,
      `${name}.k_proj`,
      `${name}.v_proj`,
    ]);
    const split = graph.node('Reshape', [joined, this.#byHead], { name: `${name}.split` });
    const byHead = transposed(graph, split, [0, 2, 1, 3], `${name}.by_head`);
    const [unturned, values] = graph.nodes(
      'Split',
      [byHead, graph.integers(heads + keyValueHeads, keyValueHeads)],
      [`${name}.unrotated`, `${name}.values`],
      { name: `${name}.values_apart`, attributes: { axis: 1 } },
    );
    const rotated = graph.node('RotaryEmbedding', [unturned, this.#positions, this.#cosines, this.#sines], {
      name: `${name}.rotated`,
      domain: 'com.microsoft',
    });
    const [queries, keys] = graph.nodes(
      'Split',
      [rotated, graph.integers(heads, keyValueHeads)],
      [`${name}.queries`, `${name}.keys`],
      { name: `${name}.keys_apart`, attributes: { axis: 1 } },
    );
    const asking = this.#isLast(index)
      ? graph.node('Gather', [queries, graph.integers(-1)], {
          name: `${name}.last_query`,
          attributes: { axis: 2 },
        })
      : queries;
    const mixed = this.#mix({ index, name, softcap: text.attentionSoftcap }, asking, keys, values);
    return this.#linear(`${name}.o_proj`, mixed, attention, [`${name}.o_proj`]);
  }

  /**
   * Query heads that share a key head are put one below the other, `[batch, keyValueHeads, heads of one *
   * sequence, headSize]`: as no mask tells them apart, one product serves them all and no key is repeated.
   */
  #mix(layer: AttentionLayer, queries: string, keys: string, values: string): string {
    const { graph } = this;
    const { name } = layer;
    const { heads, keyValueHeads, headSize, attentionScale } = this.checkpoint.config.text;
    const scale = layer.softcap === undefined ? attentionScale : attentionScale / layer.softcap;
    const scaled = graph.node('Mul', [queries, graph.scalar(scale)], { name: `${name}.scaled` });
    const grouped = reshaped(graph, scaled, [0, keyValueHeads, -1, headSize], `${name}.grouped`);
    const mixed = this.#cache.attend(layer, grouped, keys, values);
    const ungrouped = reshaped(graph, mixed, [0, heads, -1, headSize], `${name}.ungrouped`);
    const byToken = transposed(graph, ungrouped, [0, 2, 1, 3], `${name}.by_token`);
    return reshaped(graph, byToken, [-1, heads * headSize], `${name}.flat`);
  }

  #isLast(index: number): boolean {
    return index === this.checkpoint.config.text.layers - 1;
  }

  /** `[batch * sequence, hidden]` to `[batch, hidden]` */
  #lastPosition(hidden: string): string {
    const { graph } = this;
    const shape = graph.node('Shape', [this.embeddings], { name: 'embeds_shape' });
    const whole = graph.node('Reshape', [hidden, shape], { name: 'whole' });
    return graph.node('Gather', [whole, graph.index(-1)], { name: 'last', attributes: { axis: 1 } });
  }

  #mlp(name: string, input: string): string {
    const { graph } = this;
    const { perceptron } = this.storage;
    // Not as one product: to part a prompt's joined activations takes longer than to quantise its input twice.
    const gate = this.#linear(`${name}.gate_proj`, input, perceptron, [`${name}.gate_proj`]);
    const up = this.#linear(`${name}.up_proj`, input, perceptron, [`${name}.up_proj`]);
    const active = gelu(graph, gate, `${name}.active`);
    const gated = graph.node('Mul', [active, up], { name: `${name}.gated` });
    return this.#linear(`${name}.down_proj`, gated, perceptron, [`${name}.down_proj`]);
  }

  /** One product for all of the named projections of the same input. */
  #linear(name: string, input: string, storage: Storage, projections: readonly string[]): string {
    return linear(this.graph, input, {
      name,
      weight: stacked(projections.map((projection) => this.#rows(`${projection}.weight`))),
      storage,
    });
  }

  #rows(name: string): Rows {
    return this.checkpoint.rows(name);
  }
}
