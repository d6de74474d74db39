/** The settings of Google's PaliGemma 2 checkpoints, by parameters and picture, as the Hub has them. */
export const OFFICIAL_MODELS = [
  '3b-224',
  '3b-448',
  '3b-896',
  '10b-224',
  '10b-448',
  '10b-896',
  '28b-224',
  '28b-448',
  '28b-896',
] as const;
export type OfficialModel = (typeof OFFICIAL_MODELS)[number];

const TEXT = {
  '3b': {
    hidden_size: 2304,
    head_dim: 256,
    intermediate_size: 9216,
    num_attention_heads: 8,
    num_hidden_layers: 26,
    num_key_value_heads: 4,
    query_pre_attn_scalar: 256,
  },
  '10b': {
    hidden_size: 3584,
    head_dim: 256,
    intermediate_size: 14336,
    num_attention_heads: 16,
    num_hidden_layers: 42,
    num_key_value_heads: 8,
    query_pre_attn_scalar: 256,
  },
  '28b': {
    hidden_size: 4608,
    head_dim: 128,
    intermediate_size: 36864,
    num_attention_heads: 32,
    num_hidden_layers: 46,
    num_key_value_heads: 16,
    query_pre_attn_scalar: 144,
  },
} as const;

const PATCH = 14;

/** How many of the official layers a checkpoint has. */
export interface Layers {
  readonly decoder: number;
  readonly vision: number;
}

/**
 * What `config.json` says, with the same values left to the defaults as in the official files.
 *
 * @param layers fewer, for what does not fit this machine; the official ones if left out
 */
export function officialConfig(model: OfficialModel, layers?: Layers): object {
  const [parameters, side] = model.split('-') as [keyof typeof TEXT, string];
  const official = TEXT[parameters];
  const text = { ...official, num_hidden_layers: layers?.decoder ?? official.num_hidden_layers };
  const imageTokens = (Number(side) / PATCH) ** 2;
  return {
    architectures: ['PaliGemmaForConditionalGeneration'],
    bos_token_id: 2,
    eos_token_id: 1,
    hidden_size: 2048,
    image_token_index: 257_152,
    model_type: 'paligemma',
    num_hidden_layers: text.num_hidden_layers,
    pad_token_id: 0,
    projection_dim: text.hidden_size,
    text_config: {
      ...text,
      hidden_activation: 'gelu_pytorch_tanh',
      model_type: 'gemma2',
      num_image_tokens: imageTokens,
      sliding_window: 4096,
      torch_dtype: 'bfloat16',
      vocab_size: 257_216,
    },
    torch_dtype: 'bfloat16',
    vision_config: {
      hidden_size: 1152,
      image_size: Number(side),
      intermediate_size: 4304,
      model_type: 'siglip_vision_model',
      num_attention_heads: 16,
      num_hidden_layers: layers?.vision ?? 27,
      num_image_tokens: imageTokens,
      patch_size: PATCH,
      projection_dim: text.hidden_size,
      torch_dtype: 'bfloat16',
      vision_use_head: false,
    },
  };
}

/** What `preprocessor_config.json` says. */
export function officialPreprocessor(model: OfficialModel): object {
  const side = Number(model.split('-')[1]);
  return {
    do_convert_rgb: null,
    do_normalize: true,
    do_rescale: true,
    do_resize: true,
    image_mean: [0.5, 0.5, 0.5],
    image_processor_type: 'SiglipImageProcessor',
    image_seq_length: (side / PATCH) ** 2,
    image_std: [0.5, 0.5, 0.5],
    processor_class: 'PaliGemmaProcessor',
    resample: 3,
    rescale_factor: 1 / 255,
    size: { height: side, width: side },
  };
}
