import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/errors.js';
import { decodePicture } from '../../../src/inference/paligemma/picture.js';
import { pixelBomb } from '../../support/hostile/png.js';
import { UNDER_TSX } from '../../support/worker-jobs.js';

type Rgb = readonly [number, number, number];
const RED: Rgb = [220, 20, 30];
const BLUE: Rgb = [20, 30, 220];

/** 64 by 32 pixels, red on the left and blue on the right. */
function twoColours(): Sharp {
  const pixels = Buffer.from(Array.from({ length: 64 * 32 }, (_, i) => (i % 64 < 32 ? RED : BLUE)).flat());
  return sharp(pixels, { raw: { width: 64, height: 32, channels: 3 } });
}

async function colourAt(file: Uint8Array, x: number, y: number): Promise<Rgb> {
  const { data, width } = await decodePicture(file);
  const start = (y * width + x) * 3;
  return [data[start], data[start + 1], data[start + 2]];
}

function expectNear(colour: Rgb, expected: Rgb, tolerance: number): void {
  for (const channel of [0, 1, 2] as const) {
    expect(Math.abs(colour[channel] - expected[channel])).toBeLessThanOrEqual(tolerance);
  }
}

describe('the formats', () => {
  test.each<[string, (picture: Sharp) => Sharp, number]>([
    ['PNG', (picture) => picture.png(), 0],
    ['PNG with a palette', (picture) => picture.png({ palette: true }), 0],
    ['PNG of 16 bits', (picture) => picture.toColourspace('rgb16').png(), 0],
    ['JPEG', (picture) => picture.jpeg({ chromaSubsampling: '4:4:4', quality: 95 }), 4],
    ['progressive JPEG', (picture) => picture.jpeg({ progressive: true, chromaSubsampling: '4:4:4' }), 8],
    ['WebP', (picture) => picture.webp({ lossless: true }), 0],
    ['GIF', (picture) => picture.gif(), 0],
    ['AVIF', (picture) => picture.avif({ quality: 95 }), 8],
    ['PNG with the profile of sRGB', (picture) => picture.withIccProfile('srgb').png(), 0],
    ['PNG with the profile of a wide screen', (picture) => picture.withIccProfile('p3').png(), 3],
  ])('%s becomes 8-bit sRGB', async (_name, encode, tolerance) => {
    const file = await encode(twoColours()).toBuffer();
    const picture = await decodePicture(file);
    expect(picture).toMatchObject({ width: 64, height: 32, firstFrameOnly: false });
    expect(picture.data).toHaveLength(64 * 32 * 3);
    expectNear(await colourAt(file, 4, 16), RED, tolerance);
    expectNear(await colourAt(file, 60, 16), BLUE, tolerance);
  });

  test('JPEG in CMYK keeps its colours as far as ink can', async () => {
    const file = await twoColours().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
    const [red, blue] = [await colourAt(file, 4, 16), await colourAt(file, 60, 16)];
    expect(red[0]).toBeGreaterThan(2 * Math.max(red[1], red[2]));
    expect(blue[2]).toBeGreaterThan(1.5 * Math.max(blue[0], blue[1]));
  });

  test.each<[string, (picture: Sharp) => Sharp]>([
    ['a PNG', (picture) => picture.png()],
    ['a PNG of 16 bits', (picture) => picture.toColourspace('grey16').png()],
    ['a JPEG', (picture) => picture.jpeg({ quality: 100 })],
  ])('%s in shades of grey gets three equal channels', async (_name, encode) => {
    const grey = sharp({ create: { width: 5, height: 4, channels: 3, background: '#787878' } });
    const { data } = await decodePicture(await encode(grey.toColourspace('b-w')).toBuffer());
    expect([...data]).toEqual(new Array(5 * 4 * 3).fill(0x78));
  });
});

describe('transparency lies on white, so that dark words on nothing stay readable', () => {
  test.each<[string, number, Rgb]>([
    ['nothing', 0, [255, 255, 255]],
    ['half', 0.5, [127, 127, 127]],
    ['all', 1, [0, 0, 0]],
  ])('black that covers %s', async (_name, alpha, expected) => {
    const file = await sharp({
      create: { width: 4, height: 4, channels: 4, background: { r: 0, g: 0, b: 0, alpha } },
    })
      .png()
      .toBuffer();
    expectNear(await colourAt(file, 1, 1), expected, 1);
  });

  test('with shades of grey', async () => {
    const file = await sharp(Buffer.from([0, 0, 0, 255]), { raw: { width: 2, height: 1, channels: 2 } })
      .png()
      .toBuffer();
    expect([...(await decodePicture(file)).data]).toEqual([255, 255, 255, 0, 0, 0]);
  });
});

describe('the orientation that a camera noted is applied', () => {
  test.each([
    [1, 64, 32, [4, 16]],
    [2, 64, 32, [60, 16]],
    [3, 64, 32, [60, 16]],
    [4, 64, 32, [4, 16]],
    [5, 32, 64, [16, 4]],
    [6, 32, 64, [16, 4]],
    [7, 32, 64, [16, 60]],
    [8, 32, 64, [16, 60]],
  ])(
    'orientation %i gives %i by %i pixels, with the red side where it was seen',
    async (orientation, width, height, [x, y]) => {
      const file = await twoColours()
        .withMetadata({ orientation })
        .jpeg({ chromaSubsampling: '4:4:4' })
        .toBuffer();
      expect(await decodePicture(file)).toMatchObject({ width, height });
      expectNear(await colourAt(file, x, y), RED, 8);
    },
  );
});

describe('an animation gives its first frame, and says so', () => {
  /** Two frames of 16 by 8 pixels, one below the other. */
  const frames = (): Sharp => {
    const pixels = Buffer.from(Array.from({ length: 16 * 16 }, (_, i) => (i < 16 * 8 ? RED : BLUE)).flat());
    return sharp(pixels, { raw: { width: 16, height: 16, channels: 3, pageHeight: 8 } });
  };

  test.each<[string, () => Promise<Buffer>]>([
    ['GIF', () => frames().gif().toBuffer()],
    ['WebP', () => frames().webp({ lossless: true }).toBuffer()],
    [
      'PNG',
      async () =>
        asAnimatedPng(
          await sharp({ create: { width: 16, height: 8, channels: 3, background: '#dc141e' } })
            .png()
            .toBuffer(),
        ),
    ],
  ])('%s', async (_name, encode) => {
    const file = await encode();
    expect(await decodePicture(file)).toMatchObject({ width: 16, height: 8, firstFrameOnly: true });
    expectNear(await colourAt(file, 3, 3), RED, 2);
  });
});

/** The same PNG with an `acTL` chunk after its header, which is 33 bytes long with the signature. */
function asAnimatedPng(file: Buffer): Buffer {
  const control = Buffer.from('0000000861635449000000020000000000000000', 'hex');
  control.write('acTL', 4, 'latin1');
  return Buffer.concat([file.subarray(0, 33), control, file.subarray(33)]);
}

describe('what is no picture, or none that is decoded here, is refused before any decoder sees it', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
  test.each<[string, () => Uint8Array | Promise<Uint8Array>]>([
    ['an empty file', () => new Uint8Array(0)],
    ['words', () => Buffer.from('This is no picture.')],
    ['an SVG', () => Buffer.from(svg)],
    ['an SVG with an XML header', () => Buffer.from(`<?xml version="1.0"?>${svg}`)],
    ['a PDF', () => Buffer.from('%PDF-1.7\n1 0 obj')],
    ['a TIFF', () => twoColours().tiff().toBuffer()],
    [
      'a HEIC',
      () => Buffer.concat([Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), Buffer.alloc(64)]),
    ],
    ['a BMP', () => Buffer.from('BM\x46\0\0\0', 'latin1')],
    ['a RIFF that is no WebP', () => Buffer.from('RIFF\x24\0\0\0WAVEfmt ', 'latin1')],
  ])('%s', async (_name, make) => {
    const file = await make();
    await expect(decodePicture(file)).rejects.toThrow(UserError);
    await expect(decodePicture(file)).rejects.toThrow(/not a picture/);
  });
});

test('in the process that decodes them, the library has no other decoders left', async () => {
  const child = fileURLToPath(new URL('../../support/known-formats-child.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [...UNDER_TSX, child]);
  const known = ['png', 'jpeg', 'webp', 'gif', 'avif'];
  expect(JSON.parse(stdout)).toEqual({ before: [...known, 'tiff', 'svg'], after: known });
});

describe('damaged files are refused in one sentence', () => {
  test.each<[string, () => Promise<Buffer>]>([
    ['PNG', () => noise().png().toBuffer()],
    ['JPEG', () => noise().jpeg().toBuffer()],
    ['progressive JPEG', () => noise().jpeg({ progressive: true }).toBuffer()],
    ['WebP', () => noise().webp().toBuffer()],
    ['GIF', () => noise().gif().toBuffer()],
    ['AVIF', () => noise().avif().toBuffer()],
  ])('a %s cut short anywhere', async (_name, encode) => {
    const file = await encode();
    for (const share of [0.02, 0.3, 0.6, 0.9]) {
      const cut = file.subarray(0, Math.max(Math.floor(file.length * share), 16));
      await expect(decodePicture(cut)).rejects.toThrow(UserError);
      await expect(decodePicture(cut)).rejects.toThrow('The picture is damaged or incomplete.');
    }
  });

  test.each([
    ['PNG', '89504e470d0a1a0a'],
    ['JPEG', 'ffd8ffe0'],
    ['GIF', '474946383961'],
    ['WebP', '524946460000000057454250'],
    ['AVIF', '0000001c667479706176696600000000'],
  ])('only the first bytes of a %s', async (_name, start) => {
    const file = Buffer.concat([Buffer.from(start, 'hex'), Buffer.alloc(100)]);
    await expect(decodePicture(file)).rejects.toThrow('The picture is damaged or incomplete.');
  });

  test('a PNG whose pixels were changed', async () => {
    const file = await noise().png().toBuffer();
    file.fill(0, 1000, 1200);
    await expect(decodePicture(file)).rejects.toThrow('The picture is damaged or incomplete.');
  });

  function noise(): Sharp {
    const pixels = Buffer.from(
      Array.from({ length: 120 * 90 * 3 }, (_, i) => Math.imul(i, 2_654_435_761) >>> 24),
    );
    return sharp(pixels, { raw: { width: 120, height: 90, channels: 3 } });
  }
});

describe('pictures of more than 100 megapixels are refused by their header alone', () => {
  test.each([
    ['900 megapixels in some kilobytes', 30_000, 30_000],
    ['a strip', 2_000_000, 51],
    ['one row more than there may be', 10_000, 10_001],
  ])('%s', async (_name, width, height) => {
    const file = pixelBomb(width, height, 100);
    const before = process.memoryUsage().rss;
    await expect(decodePicture(file)).rejects.toThrow(UserError);
    await expect(decodePicture(file)).rejects.toThrow(/100 megapixels/);
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  test('half of that is the limit of AVIF, whose decoder takes twice the memory', async () => {
    const large = sharp({ create: { width: 7100, height: 7100, channels: 3, background: '#808080' } });
    const file = await large.avif({ effort: 0 }).toBuffer();
    await expect(decodePicture(file)).rejects.toThrow(/more than 50 megapixels/);
  });

  test('one of 100 megapixels that holds fewer rows is only damaged', async () => {
    await expect(decodePicture(pixelBomb(10_000, 10_000, 10))).rejects.toThrow(/damaged/);
  });
});
