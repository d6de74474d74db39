import { expect, test } from 'vitest';
import {
  cardMemory,
  passMemory,
  tokenizerMemory,
  workspaceMemory,
  type ModelShape,
} from '../../../src/inference/paligemma/memory.js';

/** The 3B for pictures of so many pixels. */
function shapeFor(side: number): ModelShape {
  return {
    pictureTokens: (side / 14) ** 2,
    layers: 26,
    keyValueHeads: 4,
    headSize: 256,
    attentionHeads: 8,
    intermediateSize: 9216,
    visionHeads: 16,
    visionIntermediateSize: 4304,
  };
}

// bench/README.md has the measured figures.
test.each([
  ['q4 with pictures of 224', 224, { weights: 2.18e9 }, 2.69e9],
  ['q4 with pictures of 448', 448, { weights: 2.18e9 }, 3.75e9],
  ['q4f16 with pictures of 224', 224, { weights: 2.24e9, inHalves: true }, 2.6e9],
  ['q4f16 with pictures of 448', 448, { weights: 2.24e9, inHalves: true }, 2.94e9],
])('%s is said to need of a card what was measured on one', (_, side, weights, measured) => {
  const estimate = cardMemory(shapeFor(side), weights);
  expect(estimate / measured).toBeGreaterThan(0.95);
  expect(estimate / measured).toBeLessThan(1.15);
});

test('the scores of the vision encoder and of the decoder are added, and grow with the square of the tokens', () => {
  const [small, large] = [passMemory(shapeFor(448)), passMemory(shapeFor(896))];
  // Twice 4,096 x 4,096 floats for each of 16 and 8 heads alone.
  expect(large).toBeGreaterThan(2 * 24 * 4096 ** 2 * 4);
  expect(large / small).toBeGreaterThan(6);
});

test('the head counts twice where that is more than the passes, as with small pictures', () => {
  expect(workspaceMemory(shapeFor(224), 0.61e9)).toBe(0.61e9);
  expect(workspaceMemory(shapeFor(448), 0.61e9)).toBe(passMemory(shapeFor(448)));
});

test('a tokenizer takes 20 times its file, and no more than the official one', () => {
  expect(tokenizerMemory(20_000)).toBe(400_000);
  expect(tokenizerMemory(17.5e6)).toBe(350e6);
  expect(tokenizerMemory(35e6)).toBe(350e6);
});
