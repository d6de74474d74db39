import { expect, test } from 'vitest';
import { FeatureCache, type SeenPicture } from '../../../src/inference/paligemma/feature-cache.js';
import { imageFeatures } from '../../support/image-features.js';

const seen = (width: number): SeenPicture => ({
  features: imageFeatures(new Float32Array(0), 0, 0),
  size: { width, height: 1 },
  firstFrameOnly: false,
});

test('the picture asked about longest ago makes room', () => {
  const cache = new FeatureCache(2);
  cache.set('a', seen(1));
  cache.set('b', seen(2));
  expect(cache.get('a')?.size.width).toBe(1);
  cache.set('c', seen(3));
  expect(cache.get('b')).toBeUndefined();
  expect(cache.get('a')?.size.width).toBe(1);
  expect(cache.get('c')?.size.width).toBe(3);
});

test('one file has one key, another file another', () => {
  expect(FeatureCache.keyOf(Uint8Array.of(1, 2))).toBe(FeatureCache.keyOf(Uint8Array.of(1, 2)));
  expect(FeatureCache.keyOf(Uint8Array.of(1, 2))).not.toBe(FeatureCache.keyOf(Uint8Array.of(2, 1)));
});
