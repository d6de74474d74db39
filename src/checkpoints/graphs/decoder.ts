import type { Checkpoint } from '../checkpoint.js';
import { GraphBuilder, type FloatType } from '../onnx/graph-builder.js';
import { firstRows, mapped, scaled, stacked, type Rows } from '../rows.js';
import type { AttentionLayer } from './attention.js';
import { scalesOf, type Scales } from './half-floats.js';
import { keyValueCache, type CacheKind, type KeyValueCache } from './key-value-cache.js';
import { cast, floats, gelu, linear, reshaped, transposed, type Storage } from './layers.js';
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
 * - the keys and values of the past, empty at first: see `CacheKind`
 *
 * With a `split` cache the picture's `image_features` `[batch, picture_tokens, hidden]` come apart from the words behind
 * them, none in a later run, and `last_position` int64 `[1]` says which place's logits are wanted, since places may
 * follow that only fill up a prompt's group.
 *
 * No mask hides anything: what is passed in attends to all of it and to all of the past. That is what
 * PaliGemma's prompt, picture and words, does among itself, and right for one generated token at a time.
 * Hence sequences of a batch must be equally long, a prompt must come in one piece, and several generated
 * tokens must not be passed in at once: they would see what follows them.
 *
 * @param float what the layers compute in, and what the cache is; the head, one row, computes in 32-bit floats
 */
export function decoderGraph(
  checkpoint: Checkpoint,
  storage: DecoderStorage,
  cache: CacheKind,
  float: FloatType = 'float32',
): GraphBuilder {
  const { text } = checkpoint.config;
  const graph = new GraphBuilder('decoder_model_merged', float);
  const embeddings = embeddingsOf(graph, text.hiddenSize, cache);
  const decoder = new Decoder(graph, checkpoint, storage, embeddings, cache);
  const flat = reshaped(graph, embeddings, [-1, text.hiddenSize], 'flat_embeds');
  let stream = decoder.begin(inScale(graph, flat));
  for (let layer = 0; layer < text.layers; layer++) {
    stream = decoder.layer(layer, stream);
  }
  const { name, rows } = checkpoint.head;
  const { normed } = stream;
  const logits = linear(graph, graph.float === 'float32' ? normed : cast(graph, normed, 'float32', 'wide'), {
    name: 'lm_head',
    weight: firstRows(checkpoint.rows(name), rows),
    storage: storage.head,
    float: 'float32',
  });
  reshaped(graph, logits, [-1, 1, rows], 'logits');
  graph.output('logits', 'float32', ['batch', 1, rows]);
  return graph;
}

/** `[batch, sequence, hidden]` */
function embeddingsOf(graph: GraphBuilder, hiddenSize: number, cache: CacheKind): string {
  if (cache !== 'split') {
    return graph.input('inputs_embeds', 'float32', ['batch', 'sequence', hiddenSize]);
  }
  const picture = graph.input('image_features', 'float32', ['batch', 'picture_tokens', hiddenSize]);
  const words = graph.input('inputs_embeds', 'float32', ['batch', 'words', hiddenSize]);
  return graph.node('Concat', [picture, words], { name: 'all_embeds', attributes: { axis: 1 } });
}

/** Embeddings as the residual stream has them. */
function inScale(graph: GraphBuilder, embeddings: string): string {
  if (graph.float === 'float32') {
    return embeddings;
  }
  const halves = cast(graph, embeddings, graph.float, 'half_embeds');
  return graph.node('Mul', [halves, graph.scalar(scalesOf(graph.float).residual)], { name: 'scaled_embeds' });
}

/** What goes from layer to layer, `[batch * sequence, hidden]`, and the norm of it that is read next. */
interface Stream {
  readonly residual: string;
  readonly normed: string;
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
  /** `[1]`: the place whose logits are wanted. */
  readonly #last: string;
  readonly #scales: Scales;

  constructor(
    private readonly graph: GraphBuilder,
    private readonly checkpoint: Checkpoint,
    private readonly storage: DecoderStorage,
    private readonly embeddings: string,
    private readonly cacheKind: CacheKind,
  ) {
    const { text } = checkpoint.config;
    this.#scales = scalesOf(graph.float);
    this.#last = cacheKind === 'split' ? graph.input('last_position', 'int64', [1]) : graph.integers(-1);
    this.#positions = graph.input('position_ids', 'int64', ['batch', 'sequence']);
    this.#cache = keyValueCache(cacheKind, graph, text, this.#positions);
    const table = [text.maxPositions, text.headSize / 2];
    this.#cosines = this.#scaledTable(floats(graph, 'rotary.cosines', rotaryTable(Math.cos, text), table));
    this.#sines = this.#scaledTable(floats(graph, 'rotary.sines', rotaryTable(Math.sin, text), table));
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

  begin(residual: string): Stream {
    return { residual, normed: this.#norm(this.#inputNorm(0), residual) };
  }

  /** @returns of the last layer `[batch, hidden]`, normed for the head */
  layer(index: number, { residual, normed }: Stream): Stream {
    const name = layerName(index);
    const { values, up } = this.#scales;
    const attended = this.#written(
      `${name}.post_attention_layernorm`,
      this.#attention(index, normed),
      values,
    );
    const hidden = this.#sum(
      `${name}.attended`,
      this.#isLast(index) ? this.#lastPosition(residual) : residual,
      attended,
      `${name}.pre_feedforward_layernorm`,
    );
    const transformed = this.#mlp(`${name}.mlp`, hidden.normed);
    return this.#sum(
      name,
      hidden.residual,
      this.#written(`${name}.post_feedforward_layernorm`, transformed, up),
      this.#inputNorm(index + 1),
    );
  }

  /** The norm before a layer, or behind them all. */
  #inputNorm(index: number): string {
    const { layers } = this.checkpoint.config.text;
    return index === layers ? 'language_model.norm' : `${layerName(index)}.input_layernorm`;
  }

  /**
   * Adds to the residual stream and norms it. On a card both are one operator: there each costs a fixed time, however
   * little it computes.
   */
  #sum(name: string, residual: string, addition: string, normName: string): Stream {
    const { graph } = this;
    if (this.cacheKind !== 'split') {
      const sum = graph.node('Add', [residual, addition], { name });
      return { residual: sum, normed: this.#norm(normName, sum) };
    }
    const weight = this.#normWeight(normName, 1);
    const [normed, , , sum] = graph.nodes(
      'SkipSimplifiedLayerNormalization',
      [residual, addition, weight],
      [normName, '', '', name],
      {
        name: normName,
        domain: 'com.microsoft',
        attributes: { epsilon: { float: this.#epsilon(this.#scales.residual) } },
      },
    );
    return { residual: sum, normed };
  }

  /** The norm of the residual stream. */
  #norm(name: string, input: string): string {
    return this.#rootMeanSquareNorm(name, input, this.#normWeight(name, 1), this.#scales.residual);
  }

  /** The norm of what a sublayer has computed `inputScale` times too small, as it is added to the residual stream. */
  #written(name: string, input: string, inputScale: number): string {
    return this.#rootMeanSquareNorm(name, input, this.#normWeight(name, this.#scales.residual), inputScale);
  }

  /** Gemma's checkpoints hold what is added to one; the operator multiplies by the sum. */
  #normWeight(name: string, scale: number): string {
    const weight = mapped(this.#rows(`${name}.weight`), (value) => (1 + value) * scale);
    return floats(this.graph, `${name}.weight`, weight);
  }

  /** By the name that ONNX Runtime had for it before the standard did: all of its providers know that one. */
  #rootMeanSquareNorm(name: string, input: string, weight: string, inputScale: number): string {
    return this.graph.node('SimplifiedLayerNormalization', [input, weight], {
      name,
      attributes: { axis: -1, epsilon: { float: this.#epsilon(inputScale) }, stash_type: 1 },
    });
  }

  #epsilon(inputScale: number): number {
    return this.checkpoint.config.text.rmsNormEpsilon * inputScale ** 2;
  }

  #attention(index: number, input: string): string {
    const { graph } = this;
    const { text } = this.checkpoint.config;
    const { heads, keyValueHeads } = text;
    const { attention } = this.storage;
    const name = `${layerName(index)}.self_attn`;
    const joined = this.#linear(
      `${name}.qkv`,
      input,
      attention,
      [`${name}.q_proj`, `${name}.k_proj`, `${name}.v_proj`],
      [1, 1, this.#scales.values],
    );
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
      ? graph.node('Gather', [queries, this.#last], {
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
    const { heads, keyValueHeads, headSize } = this.checkpoint.config.text;
    const scaledQueries =
      this.cacheKind === 'split'
        ? queries
        : graph.node('Mul', [queries, graph.scalar(this.#scoreScale)], { name: `${name}.scaled` });
    const grouped = reshaped(graph, scaledQueries, [0, keyValueHeads, -1, headSize], `${name}.grouped`);
    const mixed = this.#cache.attend(layer, grouped, keys, values);
    const ungrouped = reshaped(graph, mixed, [0, heads, -1, headSize], `${name}.ungrouped`);
    const byToken = transposed(graph, ungrouped, [0, 2, 1, 3], `${name}.by_token`);
    return reshaped(graph, byToken, [-1, heads * headSize], `${name}.flat`);
  }

  /** What the products of queries and keys are multiplied by before they are bounded. */
  get #scoreScale(): number {
    const { attentionScale, attentionSoftcap } = this.checkpoint.config.text;
    return attentionSoftcap === undefined ? attentionScale : attentionScale / attentionSoftcap;
  }

  /**
   * For a card the scale of the scores, as its root on queries and keys, is put into the table that turns both: it is
   * multiplied when the graph is loaded, which spares one operator in each layer.
   */
  #scaledTable(table: string): string {
    return this.cacheKind === 'split'
      ? this.graph.node('Mul', [table, this.graph.scalar(Math.sqrt(this.#scoreScale))], {
          name: `${table}.scaled`,
        })
      : table;
  }

  #isLast(index: number): boolean {
    return index === this.checkpoint.config.text.layers - 1;
  }

  /** `[batch * sequence, hidden]` to `[batch, hidden]` */
  #lastPosition(hidden: string): string {
    const { graph } = this;
    const shape = graph.node('Shape', [this.embeddings], { name: 'embeds_shape' });
    const whole = graph.node('Reshape', [hidden, shape], { name: 'whole' });
    const last = graph.node('Gather', [whole, this.#last], { name: 'last', attributes: { axis: 1 } });
    return reshaped(graph, last, [-1, this.checkpoint.config.text.hiddenSize], 'flat_last');
  }

  #mlp(name: string, input: string): string {
    const { graph } = this;
    const { perceptron } = this.storage;
    // Not as one product: to part a prompt's joined activations takes longer than to quantise its input twice.
    const gate = this.#linear(`${name}.gate_proj`, input, perceptron, [`${name}.gate_proj`]);
    const up = this.#linear(`${name}.up_proj`, input, perceptron, [`${name}.up_proj`], [this.#scales.up]);
    const active = gelu(graph, gate, `${name}.active`);
    const gated = graph.node('Mul', [active, up], { name: `${name}.gated` });
    return this.#linear(`${name}.down_proj`, gated, perceptron, [`${name}.down_proj`]);
  }

  /**
   * One product for all of the named projections of the same input.
   *
   * @param scales of each projection; none where all are left as they are
   */
  #linear(
    name: string,
    input: string,
    storage: Storage,
    projections: readonly string[],
    scales: readonly number[] = [],
  ): string {
    const weights = projections.map((projection, i) =>
      scaled(this.#rows(`${projection}.weight`), scales[i] ?? 1),
    );
    return linear(this.graph, input, { name, weight: stacked(weights), storage });
  }

  #rows(name: string): Rows {
    return this.checkpoint.rows(name);
  }
}

function layerName(index: number): string {
  return `language_model.layers.${index}`;
}
