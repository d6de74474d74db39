import { z } from 'zod';
import { UserError } from '../errors.js';

/** What the graphs are built from, every default filled in. Lengths are in elements. */
export interface CheckpointConfig {
  readonly imageTokenId: number;
  /** Whether the language model's head may be its embedding table. */
  readonly tiedHead: boolean;
  readonly vision: VisionConfig;
  readonly text: TextConfig;
}

/** SigLIP. */
export interface VisionConfig {
  readonly channels: number;
  /** Pixels along each side of the picture and of one patch. */
  readonly imageSize: number;
  readonly patchSize: number;
  /** Image tokens: the patches of one picture, row by row. */
  readonly patches: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly layerNormEpsilon: number;
}

/** Gemma 2. */
export interface TextConfig {
  /** Rows of the embedding table, those that pad it included. */
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly rmsNormEpsilon: number;
  readonly ropeTheta: number;
  /** Positions that may be asked for: 0 to one less than this. */
  readonly maxPositions: number;
  /** What a query's product with a key is multiplied by. */
  readonly attentionScale: number;
  /** Attention scores stay between minus and plus this; undefined where they are not capped. */
  readonly attentionSoftcap: number | undefined;
}

const size = z.number().int().positive();
const epsilon = z.number().positive();
const square = z.union([
  size,
  z
    .tuple([size, size])
    .refine(([height, width]) => height === width, 'only squares are known')
    .transform(([side]) => side),
]);
const onlyTanhGelu = z.literal('gelu_pytorch_tanh', 'only the activation gelu_pytorch_tanh is known');

/** Official checkpoints leave out what equals the defaults of transformers' SiglipVisionConfig ... */
const visionSchema = z.object({
  model_type: z.literal('siglip_vision_model').default('siglip_vision_model'),
  num_channels: size.default(3),
  image_size: square.default(224),
  patch_size: square.default(16),
  hidden_size: size.default(768),
  intermediate_size: size.default(3072),
  num_hidden_layers: size.default(12),
  num_attention_heads: size.default(12),
  layer_norm_eps: epsilon.default(1e-6),
  hidden_act: onlyTanhGelu.default('gelu_pytorch_tanh'),
});

const ropeSchema = z.object({
  rope_type: z.literal('default', 'only plain rotary embeddings are known').default('default'),
  rope_theta: z.number().positive().optional(),
});

/** ... and Gemma2Config. */
const textSchema = z.object({
  vocab_size: size.default(256_000),
  hidden_size: size.default(2304),
  intermediate_size: size.default(9216),
  num_hidden_layers: size.default(26),
  num_attention_heads: size.default(8),
  num_key_value_heads: size.default(4),
  head_dim: size.multipleOf(2).default(256),
  rms_norm_eps: epsilon.default(1e-6),
  max_position_embeddings: size.default(8192),
  query_pre_attn_scalar: z.number().positive().default(256),
  attn_logit_softcapping: z.number().positive().nullable().default(50),
  hidden_activation: onlyTanhGelu.default('gelu_pytorch_tanh'),
  attention_bias: z.literal(false, 'attention biases are not known').default(false),
  // transformers 5 keeps the rotary embedding's settings together, older ones have only the base, which counts also
  // where the settings leave it out.
  rope_theta: z.number().positive().default(10_000),
  rope_parameters: ropeSchema.nullish(),
  rope_scaling: z.null('scaled rotary embeddings are not known').optional(),
});

const familySchema = z.looseObject({
  model_type: z.string().default('unnamed'),
  text_config: z.looseObject({ model_type: z.string().default('gemma') }).default({ model_type: 'gemma' }),
});

const configSchema = z.object({
  image_token_index: z.number().int().nonnegative().optional(),
  image_token_id: z.number().int().nonnegative().optional(),
  tie_word_embeddings: z.boolean().default(true),
  quantization_config: z.looseObject({ quant_method: z.string().optional() }).nullish(),
  vision_config: visionSchema,
  text_config: textSchema,
});

/** The id of `<image>` in every official PaliGemma 2 checkpoint: the first after the vocabulary. */
const OFFICIAL_IMAGE_TOKEN = 257_152;

/**
 * Reads a checkpoint's `config.json` as transformers does, versions 4 and 5.
 *
 * The sliding window that the file may name is left out of account, as the model was trained without one
 * (big_vision) and prompts with pictures up to 448 x 448 never fill the 4096 tokens that it allows. The final
 * softcap is left out too: PaliGemma 2 was trained without it.
 *
 * @throws {UserError} it is not PaliGemma 2, or of a kind that the graphs do not know
 */
export function parseConfig(json: unknown): CheckpointConfig {
  const family = familySchema.safeParse(json);
  const described = family.success
    ? `${family.data.model_type} over ${family.data.text_config.model_type}`
    : 'unknown';
  if (described !== 'paligemma over gemma2') {
    throw new UserError(
      `This is not PaliGemma 2 (paligemma over gemma2) but, by its config.json, ${described}.`,
    );
  }
  const parsed = configSchema.safeParse(json);
  if (!parsed.success) {
    const why = z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, ' ');
    throw new UserError(`The checkpoint's config.json can't be used: ${why}.`);
  }
  const { vision_config: vision, text_config: text, ...top } = parsed.data;
  if (top.quantization_config !== undefined && top.quantization_config !== null) {
    const by = top.quantization_config.quant_method;
    throw new UserError(
      `The checkpoint's weights are quantised already${by === undefined ? '' : ` (${by})`}: ` +
        'take the model that it was made from.',
    );
  }
  requireMultiple('hidden_size', vision.hidden_size, 'num_attention_heads', vision.num_attention_heads);
  requireMultiple(
    'num_attention_heads',
    text.num_attention_heads,
    'num_key_value_heads',
    text.num_key_value_heads,
  );
  return {
    imageTokenId: top.image_token_index ?? top.image_token_id ?? OFFICIAL_IMAGE_TOKEN,
    tiedHead: top.tie_word_embeddings,
    vision: {
      channels: vision.num_channels,
      imageSize: vision.image_size,
      patchSize: vision.patch_size,
      patches: Math.floor(vision.image_size / vision.patch_size) ** 2,
      hiddenSize: vision.hidden_size,
      intermediateSize: vision.intermediate_size,
      layers: vision.num_hidden_layers,
      heads: vision.num_attention_heads,
      layerNormEpsilon: vision.layer_norm_eps,
    },
    text: {
      vocabularySize: text.vocab_size,
      hiddenSize: text.hidden_size,
      intermediateSize: text.intermediate_size,
      layers: text.num_hidden_layers,
      heads: text.num_attention_heads,
      keyValueHeads: text.num_key_value_heads,
      headSize: text.head_dim,
      rmsNormEpsilon: text.rms_norm_eps,
      ropeTheta: text.rope_parameters?.rope_theta ?? text.rope_theta,
      maxPositions: text.max_position_embeddings,
      attentionScale: text.query_pre_attn_scalar ** -0.5,
      attentionSoftcap: text.attn_logit_softcapping ?? undefined,
    },
  };
}

function requireMultiple(name: string, value: number, ofName: string, of: number): void {
  if (value % of !== 0) {
    throw new UserError(
      `The checkpoint's config.json can't be used: ${name} ${value} is no multiple of ${ofName} ${of}.`,
    );
  }
}
