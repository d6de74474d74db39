import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { decodePicture } from '../../../src/inference/paligemma/picture.js';
import { chunk } from '../../support/hostile/png.js';
import { profiledPng } from '../../support/profiled-png.js';

const RED = [220, 20, 30] as const;
const WHITE = [255, 255, 255] as const;

/** Where a frame lies on its screen: left, top, width, height. */
type Place = readonly [number, number, number, number];

/** One frame in one colour of the palette, not compressed further than one code a pixel (GIF89a, appendix F). */
function gifFrame([left, top, width, height]: Place, transparent?: number): Buffer {
  const control = Buffer.from([0x21, 0xf9, 4, transparent === undefined ? 0 : 1, 10, 0, transparent ?? 0, 0]);
  const place = Buffer.alloc(10);
  place[0] = 0x2c;
  [left, top, width, height].forEach((value, index) => place.writeUInt16LE(value, 1 + index * 2));
  // Codes of three bits; a clear code before every second pixel keeps them so.
  const codes = Array.from({ length: width * height }, () => [4, 1]).flat();
  const bits = [...codes, 5].map((code) => code.toString(2).padStart(3, '0'));
  const stream = [...bits].reverse().join('');
  const padded = stream.padStart(Math.ceil(stream.length / 8) * 8, '0');
  const bytes = Array.from({ length: padded.length / 8 }, (_, i) =>
    parseInt(padded.slice(padded.length - 8 * (i + 1), padded.length - 8 * i), 2),
  );
  const blocks = Array.from({ length: Math.ceil(bytes.length / 255) }, (_, i) => {
    const block = bytes.slice(i * 255, (i + 1) * 255);
    return [block.length, ...block];
  }).flat();
  return Buffer.concat([control, place, Buffer.from([2, ...blocks, 0])]);
}

/** A GIF of 40 by 30 pixels with a palette of black, red, blue and green. */
function gif(...parts: readonly Uint8Array[]): Buffer {
  const screen = Buffer.from('GIF89a\x28\x00\x1e\x00\xf1\x00\x00', 'latin1');
  const palette = Buffer.from([0, 0, 0, ...RED, 20, 30, 220, 20, 200, 40]);
  return Buffer.concat([screen, palette, ...parts, Buffer.from([0x3b])]);
}

async function pixels(file: Uint8Array, longestSide?: number): Promise<(x: number, y: number) => number[]> {
  const { data, width } = await decodePicture(file, longestSide);
  return (x, y) => [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

const WHOLE: Place = [0, 0, 40, 30];

describe('what the first frame of a GIF leaves open is white', () => {
  test.each<[string, Place]>([
    ['around it', [10, 8, 20, 12]],
    ['on its right', [0, 0, 20, 30]],
    ['above it', [0, 15, 40, 15]],
  ])('%s', async (_name, [left, top, width, height]) => {
    for (const transparent of [undefined, 3]) {
      const pixel = await pixels(gif(gifFrame([left, top, width, height], transparent)));
      for (const [x, y] of [
        [0, 0],
        [39, 0],
        [0, 29],
        [39, 29],
        [left + 1, top + 1],
        [left + width - 1, top + height - 1],
      ]) {
        const inside = x >= left && x < left + width && y >= top && y < top + height;
        expect(pixel(x, y), `${x}, ${y}`).toEqual(inside ? RED : WHITE);
      }
    }
  });

  test('also where the picture is reduced', async () => {
    const pixel = await pixels(gif(gifFrame([20, 0, 20, 30])), 20);
    expect([pixel(2, 7), pixel(17, 7)]).toEqual([WHITE, RED]);
  });

  test('and what a later frame covers is no matter', async () => {
    const file = gif(gifFrame([10, 8, 20, 12]), gifFrame(WHOLE));
    expect((await pixels(file))(0, 0)).toEqual(WHITE);
    expect(await decodePicture(file)).toMatchObject({ firstFrameOnly: true });
  });
});

describe('a GIF whose later frame is damaged gives its first', () => {
  const second = gifFrame(WHOLE);
  test.each<[string, Uint8Array[]]>([
    ['nothing of it is there but its place', [second.subarray(0, 20)]],
    ['half of it is there', [second.subarray(0, second.length / 2)]],
    ['its codes were changed', [Buffer.from(second).fill(0xff, 30, 200)]],
    ['bytes lie before it that stand for nothing', [Buffer.from([0x99, 0x98]), second]],
  ])('%s', async (_name, parts) => {
    const file = gif(gifFrame(WHOLE), ...parts);
    expect(await decodePicture(file)).toMatchObject({ width: 40, height: 30, firstFrameOnly: true });
    expect((await pixels(file))(20, 15)).toEqual(RED);
  });

  test('one whose first frame is damaged is refused', async () => {
    const first = gifFrame(WHOLE);
    await expect(decodePicture(gif(first.subarray(0, first.length / 2)))).rejects.toThrow('damaged');
  });
});

describe('a still is not called moving', () => {
  const still = profiledPng(RED, 8);
  const withControl = (frames: number, type = 'acTL', text?: string): Buffer => {
    const control = Buffer.alloc(8);
    control.writeUInt32BE(frames);
    const extra = text === undefined ? chunk(type, control) : chunk('tEXt', Buffer.from(text, 'latin1'));
    return Buffer.concat([still.subarray(0, 33), extra, still.subarray(33)]);
  };
  test.each<[string, Buffer, boolean]>([
    ['a PNG', still, false],
    ['an animated PNG of one frame', withControl(1), false],
    ['an animated PNG of two', withControl(2), true],
    [
      'a PNG whose text names the chunk of animations',
      withControl(2, 'tEXt', 'Comment\0acTL\0\0\0\x02'),
      false,
    ],
    ['a GIF', gif(gifFrame(WHOLE)), false],
    [
      'a GIF with a comment behind its frame',
      gif(gifFrame(WHOLE), Buffer.from('!\xfe\x04,,,,\0', 'latin1')),
      false,
    ],
    ['a GIF with junk behind its end', Buffer.concat([gif(gifFrame(WHOLE)), gifFrame(WHOLE)]), false],
  ])('%s', async (_name, file, firstFrameOnly) => {
    expect(await decodePicture(file)).toMatchObject({ firstFrameOnly });
  });
});

describe('a whole JPEG without the two bytes that end it is answered', () => {
  const noise = Buffer.from(
    Array.from({ length: 120 * 90 * 3 }, (_, i) => Math.imul(i, 2_654_435_761) >>> 24),
  );
  test.each([
    ['baseline', {}],
    ['progressive', { progressive: true }],
    ['without subsampling', { chromaSubsampling: '4:4:4' }],
  ] as const)('%s', async (_name, options) => {
    const file = await sharp(noise, { raw: { width: 120, height: 90, channels: 3 } })
      .jpeg(options)
      .toBuffer();
    const whole = await decodePicture(file);
    for (const missing of [1, 2]) {
      expect(await decodePicture(file.subarray(0, -missing))).toEqual(whole);
    }
    // A part of a picture would be answered as if it were all.
    for (const missing of [0.2, 0.5, 0.9].map((share) => Math.floor(file.length * share))) {
      await expect(decodePicture(file.subarray(0, -missing))).rejects.toThrow('damaged or incomplete');
    }
  });
});
