import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { decodePicture } from '../../../src/inference/paligemma/picture.js';
import { COLOUR_SPACES, greyInSrgb, greyProfile, inSrgb, rgbProfile } from '../../support/colour-profile.js';
import { profiledPng } from '../../support/profiled-png.js';

type Rgb = readonly [number, number, number];
const COLOURS: readonly Rgb[] = [
  [220, 20, 30],
  [20, 200, 40],
  [60, 90, 200],
  [128, 128, 128],
  [255, 255, 255],
];
const RED: Rgb = [220, 20, 30];
const BLUE: Rgb = [20, 30, 220];

async function firstPixel(file: Uint8Array, longestSide?: number): Promise<Rgb> {
  const { data } = await decodePicture(file, longestSide);
  return [data[0], data[1], data[2]];
}

/** Two parts of 255 in the mean, which no eye sees. */
function expectNear(found: Rgb, expected: Rgb): void {
  const mean = found.reduce((sum, value, channel) => sum + Math.abs(value - expected[channel]), 0) / 3;
  expect(mean, `${found.join()} instead of ${expected.map(Math.round).join()}`).toBeLessThanOrEqual(2);
}

describe.each(Object.entries(COLOUR_SPACES))('a PNG in %s becomes sRGB', (_name, space) => {
  test.each([8, 16] as const)('in %i bits', async (depth) => {
    for (const colour of COLOURS) {
      const expected = inSrgb(colour, space);
      expectNear(await firstPixel(profiledPng(colour, depth, rgbProfile(space))), expected);
      expectNear(await firstPixel(profiledPng([...colour, 255], depth, rgbProfile(space))), expected);
    }
  });
});

test.each([8, 16] as const)(
  'numbers of sRGB under its profile stay as they are in %i bits',
  async (depth) => {
    const profiled = await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
      .withIccProfile('srgb')
      .png()
      .toBuffer();
    const { icc } = await sharp(profiled).metadata();
    for (const colour of COLOURS) {
      expect(await firstPixel(profiledPng(colour, depth, icc))).toEqual(colour);
      expect(await firstPixel(profiledPng(colour, depth, icc), 4)).toEqual(colour);
      expect(await firstPixel(profiledPng(colour, depth))).toEqual(colour);
    }
  },
);

test.each([8, 16] as const)('shades of grey follow their profile in %i bits', async (depth) => {
  for (const gamma of [1, 1.8]) {
    for (const value of [0, 30, 128, 200, 255]) {
      const expected = greyInSrgb(value, gamma);
      const opaque = await firstPixel(profiledPng([value], depth, greyProfile(gamma)));
      expectNear(opaque, [expected, expected, expected]);
      expect(await firstPixel(profiledPng([value, 255], depth, greyProfile(gamma)))).toEqual(opaque);
    }
  }
});

test('what is half transparent in 16 bits lies on white after its profile is applied', async () => {
  const space = COLOUR_SPACES['Display P3'];
  const file = profiledPng([...RED, 128], 16, rgbProfile(space));
  const expected = inSrgb(RED, space).map((value) => (value * 128 + 255 * 127) / 255);
  expectNear(await firstPixel(file), expected as unknown as Rgb);
});

/** Made by Pillow 13 and libavif 1.4: 48 by 32 pixels, red on the left and blue on the right. */
async function oddPicture(name: string): Promise<Buffer> {
  return readFile(new URL(`../../fixtures/odd-pictures/${name}`, import.meta.url));
}

async function expectHalves(file: Uint8Array, right: Rgb, longestSide?: number): Promise<void> {
  const { data, width, height } = await decodePicture(file, longestSide);
  const at = (share: number): Rgb => {
    const start = (Math.floor(height / 2) * width + Math.floor(share * width)) * 3;
    return [data[start], data[start + 1], data[start + 2]];
  };
  expectNear(at(0.1), RED);
  expectNear(at(0.9), right);
}

/** Blue at an opacity of 128, on white. */
const PALE_BLUE: Rgb = [137, 142, 237];

describe('AVIF', () => {
  test.each([
    ['10-bits.avif', BLUE, false],
    ['12-bits.avif', BLUE, false],
    ['limited-range.avif', BLUE, false],
    ['premultiplied.avif', PALE_BLUE, false],
    ['animated.avif', BLUE, true],
    ['animated-see-through.avif', PALE_BLUE, true],
  ])('%s', async (name, right, firstFrameOnly) => {
    const file = await oddPicture(name);
    expect(await decodePicture(file)).toMatchObject({ width: 48, height: 32, firstFrameOnly });
    await expectHalves(file, right);
    await expectHalves(file, right, 24);
  });

  test.each(['full', 'limited'])(
    'in shades of grey of %s range is as dark and as bright as it was',
    async (range) => {
      const { data, firstFrameOnly } = await decodePicture(await oddPicture(`grey-${range}-range.avif`));
      const shades = [0, 64, 128, 192, 230, 255];
      shades.forEach((shade, index) => {
        expect(Math.abs(data[(index * 8 + 4) * 3] - shade)).toBeLessThanOrEqual(2);
      });
      expect(firstFrameOnly).toBe(false);
    },
  );

  test('an animation that ends anywhere is refused in one sentence', async () => {
    const file = await oddPicture('animated.avif');
    for (const bytes of [20, 60, 300, 500, 900]) {
      await expect(decodePicture(file.subarray(0, bytes))).rejects.toThrow('damaged or incomplete');
    }
  });
});
