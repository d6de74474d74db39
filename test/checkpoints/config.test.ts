import { expect, test } from 'vitest';
import { parseConfig } from '../../src/checkpoints/config.js';
import { TINY_CONFIG } from '../support/tiny-checkpoint.js';

/** What google/paligemma2-3b-mix-448 says, which is not all. */
const OFFICIAL = {
  model_type: 'paligemma',
  image_token_index: 257_152,
  projection_dim: 2304,
  text_config: {
    model_type: 'gemma2',
    hidden_size: 2304,
    intermediate_size: 9216,
    num_attention_heads: 8,
    num_hidden_layers: 26,
    num_image_tokens: 1024,
    num_key_value_heads: 4,
    vocab_size: 257_216,
  },
  vision_config: {
    model_type: 'siglip_vision_model',
    hidden_size: 1152,
    image_size: 448,
    intermediate_size: 4304,
    num_attention_heads: 16,
    num_hidden_layers: 27,
    patch_size: 14,
  },
};

test('fills in the defaults of transformers', () => {
  const { text, vision, tiedHead } = parseConfig(OFFICIAL);
  expect(text).toEqual({
    vocabularySize: 257_216,
    hiddenSize: 2304,
    intermediateSize: 9216,
    layers: 26,
    heads: 8,
    keyValueHeads: 4,
    headSize: 256,
    rmsNormEpsilon: 1e-6,
    ropeTheta: 10_000,
    maxPositions: 8192,
    attentionScale: 1 / 16,
    attentionSoftcap: 50,
  });
  expect(vision).toMatchObject({ channels: 3, patches: 1024, layerNormEpsilon: 1e-6 });
  expect(tiedHead).toBe(true);
});

const withText = (changes: object): object => ({
  ...TINY_CONFIG,
  text_config: { ...TINY_CONFIG.text_config, ...changes },
});

test('takes the rotary base from where transformers 4 and 5 put it', () => {
  expect(parseConfig(withText({ rope_theta: 500 })).text.ropeTheta).toBe(500);
  const parameters = { rope_parameters: { rope_type: 'default', rope_theta: 600 } };
  expect(parseConfig(withText(parameters)).text.ropeTheta).toBe(600);
  expect(parseConfig(withText({ ...parameters, rope_theta: 500 })).text.ropeTheta).toBe(600);
  const without = { rope_parameters: { rope_type: 'default' } };
  expect(parseConfig(withText({ ...without, rope_theta: 500 })).text.ropeTheta).toBe(500);
  expect(parseConfig(withText(without)).text.ropeTheta).toBe(10_000);
});

test('an attention softcap of null is none', () => {
  expect(parseConfig(withText({ attn_logit_softcapping: null })).text.attentionSoftcap).toBeUndefined();
});

test.each([
  ['another family', { model_type: 'llava' }, /not PaliGemma 2 .* llava/],
  ['PaliGemma 1', { ...TINY_CONFIG, text_config: { hidden_size: 2048 } }, /paligemma over gemma\./],
  ['no object', [], /not PaliGemma 2/],
  ['scaled rotary embeddings', withText({ rope_parameters: { rope_type: 'yarn' } }), /rotary/],
  ['another activation', withText({ hidden_activation: 'relu' }), /gelu_pytorch_tanh/],
  ['attention biases', withText({ attention_bias: true }), /biases/],
  ['a size that is no number', withText({ hidden_size: 'big' }), /hidden_size/],
  [
    'heads that do not share evenly',
    withText({ num_key_value_heads: 3 }),
    /4 is no multiple of num_key_value_heads 3/,
  ],
  ['no vision', { ...TINY_CONFIG, vision_config: undefined }, /vision_config/],
])('refuses %s', (_, config, message) => {
  expect(() => parseConfig(config)).toThrow(message);
});
