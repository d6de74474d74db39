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
  [224, 3.3e9],
  [448, 4.5e9],
])('a card of %i pixels is said to need what was measured on one', (side, measured) => {
  const estimate = cardMemory(shapeFor(side), { weights: 2.18e9, embeddings: 0.61e9 });
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
