import { expect, test } from 'vitest';
import { officialConfig, type OfficialModel } from '../../../bench/full-size/official-configs.js';
import { parseConfig } from '../../../src/checkpoints/config.js';
import { RECIPES } from '../../../src/checkpoints/recipes.js';
import { expectedShapes, HEAD } from '../../../src/checkpoints/tensor-names.js';
import { modelsThatFit, OFFICIAL_MODELS } from '../../../src/inference/machine/official-models.js';
import { workspaceMemory, PROCESS, tokenizerMemory } from '../../../src/inference/paligemma/memory.js';

/** Bytes of a q4 folder's vision encoder and decoder, from the shapes of all tensors and how each is stored. */
function storedWeights(model: OfficialModel): number {
  const { attention, perceptron, head } = RECIPES.q4.decoder;
  let bytes = 0;
  const shapes = expectedShapes(parseConfig(officialConfig(model)));
  // The table of embeddings, stored once more, is the head, and counts here.
  shapes.delete(HEAD);
  for (const [name, shape] of shapes) {
    const count = shape.reduce((product, side) => product * side, 1);
    const inDecoder = name.startsWith('language_model');
    const storage = !inDecoder
      ? RECIPES.q4.vision
      : name.includes('embed')
        ? head
        : name.includes('mlp')
          ? perceptron
          : attention;
    const { bits, block } = storage as { bits: number; block: number };
    // Vectors stay floats.
    bytes += shape.length === 1 ? 4 * count : count * (bits / 8 + (4 + (bits === 4 ? 0.5 : 0)) / block);
  }
  return bytes;
}

test.each(OFFICIAL_MODELS)('$name takes what its shapes say', ({ name, onProcessor }) => {
  const model = name.replace('paligemma2-', '').replace('mix-', '') as OfficialModel;
  const { text_config: text } = officialConfig(model) as { text_config: Record<string, number> };
  const embeddings = (257_216 * text.hidden_size * 33) / 32;
  const workspace = workspaceMemory(
    {
      pictureTokens: text.num_image_tokens,
      layers: text.num_hidden_layers,
      keyValueHeads: text.num_key_value_heads,
      headSize: text.head_dim,
      attentionHeads: text.num_attention_heads,
      intermediateSize: text.intermediate_size,
      visionHeads: 16,
      visionIntermediateSize: 4304,
    },
    embeddings,
  );
  const expected = storedWeights(model) + PROCESS + tokenizerMemory(20e6) + workspace;
  expect(onProcessor / expected).toBeGreaterThan(0.97);
  expect(onProcessor / expected).toBeLessThan(1.03);
});

test('the largest models that fit come first, 28 billion parameters too', () => {
  expect(modelsThatFit(64e9)).toHaveLength(6);
  expect(modelsThatFit(64e9)[0]).toMatch(/^paligemma2-28b-mix-448 as q4 \(1[89]\.\d GB\)$/);
  expect(modelsThatFit(8e9)[0]).toMatch(/^paligemma2-10b-mix-224/);
  expect(modelsThatFit(1e9)).toEqual([]);
});

test('a graphics card has room for others than the processor: no tokenizer lies there, and more scores', () => {
  expect(modelsThatFit(3.5e9, 'onCard')[0]).toMatch(/^paligemma2-3b-mix-224/);
  expect(modelsThatFit(4e9, 'onCard')[0]).toMatch(/^paligemma2-3b-mix-448/);
});
