import type { CheckpointConfig } from './config.js';

/**
 * The name by which this room knows a checkpoint's tensor: that of transformers 5 without the leading `model.`
 * and without the vision tower's inner `vision_model.`, which versions differ in.
 *
 * @returns null for what a checkpoint may hold but the graphs do not need
 */
export function canonicalName(name: string): string | null {
  const canonical = name
    .replace(/^model\./, '')
    .replace(/^language_model\.model\./, 'language_model.')
    .replace(/^language_model\.lm_head\./, 'lm_head.')
    .replace(/^vision_tower\.vision_model\./, 'vision_tower.');
  return UNNEEDED.test(canonical) ? null : canonical;
}

/** The pooling head, that PaliGemma does not look at, and tables that some versions saved but all can compute. */
const UNNEEDED = /^vision_tower\.head\.|\.rotary_emb\.inv_freq$|\.position_ids$/;

/** Every tensor that the graphs are made of, by canonical name, and its shape. */
export function expectedShapes(config: CheckpointConfig): Map<string, readonly number[]> {
  return new Map([...visionShapes(config), ...textShapes(config)]);
}

/** Holds no tensor of its own where the head is tied to the embedding table. */
export const HEAD = 'lm_head.weight';
export const EMBEDDING = 'language_model.embed_tokens.weight';

type Shapes = [name: string, shape: readonly number[]][];

function visionShapes({ vision, text }: CheckpointConfig): Shapes {
  const { hiddenSize, intermediateSize, patchSize } = vision;
  const layer: Shapes = [
    ...affine('layer_norm1', [hiddenSize]),
    ...['q_proj', 'k_proj', 'v_proj', 'out_proj'].flatMap((projection) =>
      affine(`self_attn.${projection}`, [hiddenSize, hiddenSize]),
    ),
    ...affine('layer_norm2', [hiddenSize]),
    ...affine('mlp.fc1', [intermediateSize, hiddenSize]),
    ...affine('mlp.fc2', [hiddenSize, intermediateSize]),
  ];
  return [
    ...affine('vision_tower.embeddings.patch_embedding', [hiddenSize, vision.channels, patchSize, patchSize]),
    ['vision_tower.embeddings.position_embedding.weight', [vision.patches, hiddenSize]],
    ...repeated('vision_tower.encoder.layers', vision.layers, layer),
    ...affine('vision_tower.post_layernorm', [hiddenSize]),
    ...affine('multi_modal_projector.linear', [text.hiddenSize, hiddenSize]),
  ];
}

function textShapes({ text }: CheckpointConfig): Shapes {
  const { hiddenSize, intermediateSize } = text;
  const queries = text.heads * text.headSize;
  const keys = text.keyValueHeads * text.headSize;
  const layer: Shapes = [
    ['input_layernorm.weight', [hiddenSize]],
    ['self_attn.q_proj.weight', [queries, hiddenSize]],
    ['self_attn.k_proj.weight', [keys, hiddenSize]],
    ['self_attn.v_proj.weight', [keys, hiddenSize]],
    ['self_attn.o_proj.weight', [hiddenSize, queries]],
    ['post_attention_layernorm.weight', [hiddenSize]],
    ['pre_feedforward_layernorm.weight', [hiddenSize]],
    ['mlp.gate_proj.weight', [intermediateSize, hiddenSize]],
    ['mlp.up_proj.weight', [intermediateSize, hiddenSize]],
    ['mlp.down_proj.weight', [hiddenSize, intermediateSize]],
    ['post_feedforward_layernorm.weight', [hiddenSize]],
  ];
  return [
    [EMBEDDING, [text.vocabularySize, hiddenSize]],
    ...repeated('language_model.layers', text.layers, layer),
    ['language_model.norm.weight', [hiddenSize]],
    [HEAD, [text.vocabularySize, hiddenSize]],
  ];
}

function affine(name: string, weight: readonly [number, ...number[]]): Shapes {
  return [
    [`${name}.weight`, weight],
    [`${name}.bias`, [weight[0]]],
  ];
}

function repeated(prefix: string, count: number, layer: Shapes): Shapes {
  return Array.from({ length: count }, (_, index) =>
    layer.map(([name, shape]): Shapes[number] => [`${prefix}.${index}.${name}`, shape]),
  ).flat();
}
