import type { Checkpoint } from '../checkpoint.js';
import { GraphBuilder, type FloatType } from '../onnx/graph-builder.js';
import { scaled, stacked, withZeroColumns, withZeroRows, type Rows } from '../rows.js';
import { scalesOf } from './half-floats.js';
import { cast, floats, gelu, linear, matrix, reshaped, transposed, type Storage } from './layers.js';

/**
 * What the perceptrons' width is rounded up to where weights are blocks of integers: 4,304 channels of SigLIP are no
 * multiple of a block, and ONNX Runtime's faster products want whole ones. A channel of zeros adds nothing, since GELU
 * leaves zero as it is.
 */
const WIDTH_STEP = 128;

/**
 * SigLIP and the projector: `pixel_values`, float32 `[batch, 3, size, size]` from -1 to 1, to
 * `image_features`, float32 `[batch, patches, hidden]`, patches row by row.
 *
 * The features go to the decoder as they are: they are not scaled (see `embedTokensGraph`).
 */
export function visionEncoderGraph(
  checkpoint: Checkpoint,
  storage: Storage,
  float: FloatType = 'float32',
): GraphBuilder {
  const { vision, text } = checkpoint.config;
  const graph = new GraphBuilder('vision_encoder', float);
  const pixels = graph.input('pixel_values', 'float32', [
    'batch',
    vision.channels,
    vision.imageSize,
    vision.imageSize,
  ]);
  const encoder = new Encoder(graph, checkpoint, storage);
  let hidden = encoder.patches(float === 'float32' ? pixels : cast(graph, pixels, float, 'pixels'));
  for (let layer = 0; layer < vision.layers; layer++) {
    const name = `vision_tower.encoder.layers.${layer}`;
    const attended = encoder.attention(`${name}.self_attn`, encoder.norm(`${name}.layer_norm1`, hidden));
    hidden = graph.node('Add', [hidden, attended], { name: `${name}.attended` });
    const transformed = encoder.mlp(`${name}.mlp`, encoder.norm(`${name}.layer_norm2`, hidden));
    hidden = graph.node('Add', [hidden, transformed], { name });
  }
  const projected = encoder.linear(
    'multi_modal_projector.linear',
    encoder.norm('vision_tower.post_layernorm', hidden),
  );
  const features = float === 'float32' ? projected : cast(graph, projected, 'float32', 'projected');
  reshaped(graph, features, [-1, vision.patches, text.hiddenSize], 'image_features');
  graph.output('image_features', 'float32', ['batch', vision.patches, text.hiddenSize]);
  return graph;
}

/** The tower's parts; every value between them is `[batch * patches, hidden]`. */
class Encoder {
  constructor(
    private readonly graph: GraphBuilder,
    private readonly checkpoint: Checkpoint,
    private readonly storage: Storage,
  ) {}

  patches(pixels: string): string {
    const { graph, checkpoint } = this;
    const { hiddenSize, patchSize, patches, channels } = checkpoint.config.vision;
    const name = 'vision_tower.embeddings';
    // A convolution takes no blocks of integers, and this one is small.
    const storage = this.storage === 'float16' ? 'float16' : graph.float;
    const weight = matrix(
      graph,
      `${name}.patch_embedding.weight`,
      this.#written(`${name}.patch_embedding.weight`),
      storage,
      [hiddenSize, channels, patchSize, patchSize],
    );
    const bias = floats(graph, `${name}.patch_embedding.bias`, this.#written(`${name}.patch_embedding.bias`));
    const grid = graph.node('Conv', [pixels, weight, bias], {
      name: `${name}.patch_embedding`,
      attributes: { kernel_shape: [patchSize, patchSize], strides: [patchSize, patchSize] },
    });
    const columns = reshaped(graph, grid, [0, hiddenSize, patches], `${name}.columns`);
    const tokens = transposed(graph, columns, [0, 2, 1], `${name}.tokens`);
    const positions = floats(
      graph,
      `${name}.position_embedding.weight`,
      this.#written(`${name}.position_embedding.weight`),
      [patches, hiddenSize],
    );
    const placed = graph.node('Add', [tokens, positions], { name: `${name}.placed` });
    return reshaped(graph, placed, [-1, hiddenSize], name);
  }

  attention(name: string, input: string): string {
    const { graph } = this;
    const { heads, hiddenSize, patches } = this.checkpoint.config.vision;
    const headSize = hiddenSize / heads;
    const projections = ['q_proj', 'k_proj', 'v_proj'].map((projection) => `${name}.${projection}`);
    const joined = linear(graph, input, {
      name: `${name}.qkv`,
      weight: stacked(projections.map((projection) => this.#rows(`${projection}.weight`))),
      bias: stacked(projections.map((projection) => this.#rows(`${projection}.bias`))),
      storage: this.storage,
    });
    const split = reshaped(graph, joined, [-1, patches, 3 * heads, headSize], `${name}.split`);
    const byHead = transposed(graph, split, [0, 2, 1, 3], `${name}.by_head`);
    const [queries, keys, values] = graph.nodes(
      'Split',
      [byHead],
      [`${name}.queries`, `${name}.keys`, `${name}.values`],
      { name: `${name}.parts`, attributes: { axis: 1, num_outputs: 3 } },
    );
    const scaled = graph.node('Mul', [queries, graph.scalar(headSize ** -0.5)], { name: `${name}.scaled` });
    const turned = transposed(graph, keys, [0, 1, 3, 2], `${name}.turned`);
    const scores = graph.node('MatMul', [scaled, turned], { name: `${name}.scores` });
    const weights = graph.node('Softmax', [scores], { name: `${name}.weights`, attributes: { axis: -1 } });
    const mixed = graph.node('MatMul', [weights, values], { name: `${name}.mixed` });
    const byPatch = transposed(graph, mixed, [0, 2, 1, 3], `${name}.by_patch`);
    const flat = reshaped(graph, byPatch, [-1, hiddenSize], `${name}.flat`);
    return this.#linear(`${name}.out_proj`, flat, {
      weight: this.#written(`${name}.out_proj.weight`),
      bias: this.#written(`${name}.out_proj.bias`),
    });
  }

  mlp(name: string, input: string): string {
    const [first, bias] = [this.#rows(`${name}.fc1.weight`), this.#rows(`${name}.fc1.bias`)];
    const width =
      typeof this.storage === 'string' ? first.rows : Math.ceil(first.rows / WIDTH_STEP) * WIDTH_STEP;
    const inner = this.#linear(`${name}.fc1`, input, {
      weight: withZeroRows(first, width),
      bias: withZeroRows(bias, width),
    });
    const active = gelu(this.graph, inner, `${name}.active`);
    return this.#linear(`${name}.fc2`, active, {
      weight: withZeroColumns(this.#written(`${name}.fc2.weight`), width),
      bias: this.#written(`${name}.fc2.bias`),
    });
  }

  /** Norms read the residual stream alone. */
  norm(name: string, input: string): string {
    const { graph } = this;
    const epsilon = this.checkpoint.config.vision.layerNormEpsilon * scalesOf(graph.float).residual ** 2;
    const scale = floats(graph, `${name}.weight`, this.#rows(`${name}.weight`));
    const bias = floats(graph, `${name}.bias`, this.#rows(`${name}.bias`));
    return graph.node('LayerNormalization', [input, scale, bias], {
      name,
      attributes: { axis: -1, epsilon: { float: epsilon } },
    });
  }

  linear(name: string, input: string): string {
    return this.#linear(name, input, {
      weight: this.#rows(`${name}.weight`),
      bias: this.#rows(`${name}.bias`),
    });
  }

  #linear(name: string, input: string, parts: { readonly weight: Rows; readonly bias: Rows }): string {
    return linear(this.graph, input, { name, ...parts, storage: this.storage });
  }

  /** What writes into the residual stream. */
  #written(name: string): Rows {
    return scaled(this.#rows(name), scalesOf(this.graph.float).residual);
  }

  #rows(name: string): Rows {
    return this.checkpoint.rows(name);
  }
}
