import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { encodeToFit } from '../../src/rendering/fit.js';
import type { EncodedPicture, RgbPicture } from '../../src/task.js';

function picture(width: number, height: number, byteAt: (index: number) => number): RgbPicture {
  return {
    width,
    height,
    data: Uint8Array.from({ length: width * height * 3 }, (_, index) => byteAt(index)),
  };
}

/** What no format makes smaller. */
function noise(width: number, height: number): RgbPicture {
  let state = 1;
  return picture(width, height, () => (state = (state * 48_271) % 2_147_483_647) >> 8);
}

function gradient(width: number, height: number): RgbPicture {
  return picture(width, height, (index) => (Math.floor(index / 3) % width) / (width / 255));
}

/** Checks that the file is what it is said to be. */
async function expectSound(encoded: EncodedPicture): Promise<void> {
  const { format, width, height } = await sharp(encoded.bytes).metadata();
  expect({ width, height }).toEqual({ width: encoded.width, height: encoded.height });
  expect(`image/${format}`).toBe(encoded.mediaType);
}

describe('encodeToFit', () => {
  test.each(['image/png', 'image/jpeg'] as const)('takes %s where that fits', async (mediaType) => {
    const encoded = await encodeToFit(gradient(300, 200), { mediaType, maxBytes: 100_000 });
    expect(encoded).toMatchObject({ mediaType, width: 300, height: 200 });
    await expectSound(encoded);
  });

  test('writes a PNG of any size without a loss where nothing else is asked for', async () => {
    const original = noise(64, 48);
    const { bytes, mediaType } = await encodeToFit(original);
    expect(mediaType).toBe('image/png');
    expect(await sharp(bytes).raw().toBuffer()).toEqual(Buffer.from(original.data));
  });

  test('takes JPEG in full size where a PNG is too large', async () => {
    const encoded = await encodeToFit(noise(300, 200), { maxBytes: 100_000 });
    expect(encoded).toMatchObject({ mediaType: 'image/jpeg', width: 300, height: 200 });
    expect(encoded.bytes.byteLength).toBeLessThanOrEqual(100_000);
    await expectSound(encoded);
  });

  test('lowers the quality of a JPEG before it gives up pixels', async () => {
    const original = noise(300, 200);
    const sizes: number[] = [];
    for (let maxBytes = Infinity; ; maxBytes = (sizes.at(-1) ?? 0) - 1) {
      const encoded = await encodeToFit(original, { mediaType: 'image/jpeg', maxBytes });
      if (encoded.width < 300) {
        break;
      }
      sizes.push(encoded.bytes.byteLength);
    }
    expect(sizes).toHaveLength(4);
  });

  test.each([
    [400, 300, 8000],
    [1, 3000, 2000],
    [3000, 2, 1000],
    [200, 200, 700],
  ])('reduces %i by %i pixels of noise into %i bytes, in their shape', async (width, height, maxBytes) => {
    const encoded = await encodeToFit(noise(width, height), { maxBytes });
    expect(encoded.bytes.byteLength).toBeLessThanOrEqual(maxBytes);
    expect(Math.max(encoded.width, encoded.height)).toBeLessThan(Math.max(width, height));
    const scale = Math.max(encoded.width, encoded.height) / Math.max(width, height);
    expect(encoded.width).toBe(Math.max(1, Math.round(width * scale)));
    expect(encoded.height).toBe(Math.max(1, Math.round(height * scale)));
    await expectSound(encoded);
  });

  test('makes good use of the bytes that there are', async () => {
    const encoded = await encodeToFit(noise(600, 400), { maxBytes: 20_000 });
    expect(encoded.bytes.byteLength).toBeGreaterThan(10_000);
  });

  test('says that nothing fits into next to nothing', async () => {
    await expect(encodeToFit(noise(300, 200), { maxBytes: 100 })).rejects.toThrow(
      'No picture fits into 100 bytes.',
    );
    await expect(encodeToFit(noise(300, 200), { maxBytes: 0 })).rejects.toThrow('fits into 0 bytes');
  });
});
