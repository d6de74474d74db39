import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { resizeAsPillow } from '../../../src/inference/paligemma/pillow-resize.js';

/** The upper 8 bits of i * 2654435761 modulo 2^32: noise that any language can make. */
function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Math.imul(i, 2_654_435_761) >>> 24);
}

describe('the bytes are those of Pillow 13 (Image.resize(size, BICUBIC)) on the same noise, by their SHA-256', () => {
  test.each([
    ['noise', 640, 480, 224, 224, 'cb0b785ba0b57022'],
    ['edges', 640, 480, 224, 224, 'c005c86767c3be38'],
    ['noise', 97, 61, 224, 224, '77f11cf09b881d37'],
    ['edges', 97, 61, 224, 224, '4b97fa8cc66e61e3'],
    ['noise', 1, 1, 8, 8, '75932f2646ed530b'],
    ['edges', 1, 1, 8, 8, '32e7c45e59200de4'],
    ['noise', 5, 900, 16, 16, '99cabf61e621b1c8'],
    ['edges', 5, 900, 16, 16, '62c22a9ec6cc1f3a'],
    ['noise', 300, 800, 224, 224, 'c1bf96e9eb24478d'],
    ['edges', 300, 800, 224, 224, 'ef10eb92772e129a'],
    ['noise', 224, 224, 224, 224, 'ca97249597d9f0a7'],
    ['edges', 224, 224, 224, 224, '3324fa37ab113dc2'],
    ['noise', 2000, 3, 56, 56, 'b9b6428a0aa05aa0'],
    ['edges', 2000, 3, 56, 56, '1c104d8ddd967e0b'],
    ['noise', 480, 224, 448, 224, 'd1fa0a8d5adf768d'],
    ['edges', 480, 224, 448, 224, 'b770eb00f5f6ef46'],
    ['noise', 3, 4000, 64, 1, '2f2e517158dd494a'],
    ['edges', 3, 4000, 64, 1, '2c25b071a356c9b8'],
    ['noise', 333, 500, 448, 224, '765f061c30fe7238'],
    ['edges', 333, 500, 448, 224, 'f97fa246daa7cb56'],
  ])('%s %i x %i to %i x %i', (kind, width, height, toWidth, toHeight, digest) => {
    const pixels = noise(width * height * 3);
    const picture = kind === 'noise' ? pixels : pixels.map((value) => (value > 127 ? 255 : 0));
    const resized = resizeAsPillow(picture, { width, height }, { width: toWidth, height: toHeight });
    expect(resized).toHaveLength(toWidth * toHeight * 3);
    expect(createHash('sha256').update(resized).digest('hex').slice(0, 16)).toBe(digest);
  });
});

test('a photograph of 12 megapixels takes well under a second', () => {
  const picture = new Uint8Array(4000 * 3000 * 3).fill(128);
  const started = process.cpuUsage();
  resizeAsPillow(picture, { width: 4000, height: 3000 }, { width: 448, height: 448 });
  // A quarter of a second; what other programs do meanwhile does not count, and the bound leaves room for slow machines.
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1000).toBeLessThan(2000);
});
