import { describe, expect, test } from 'vitest';
import { annotate } from '../../src/rendering/annotate.js';
import { strokeFor } from '../../src/rendering/palette.js';
import type { Detection, Mask, RgbPicture, Size } from '../../src/task.js';

const GREY = 128;

function greyPicture(width: number, height: number): RgbPicture {
  return { width, height, data: new Uint8Array(width * height * 3).fill(GREY) };
}

function pixelsOf({ data, width }: RgbPicture): (x: number, y: number) => number[] {
  return (x, y) => [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

function rgb(colour: string): number[] {
  return [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16));
}

function filledMask(left: number, top: number, width: number, height: number): Mask {
  const box = { left, top, right: left + width, bottom: top + height };
  return { box, width: 4, height: 4, values: new Float32Array(16).fill(1) };
}

function covering({ width, height }: Size): Pick<Detection, 'box' | 'mask'> {
  const mask = filledMask(0, 0, width, height);
  return { box: mask.box, mask };
}

describe('annotate', () => {
  test('draws a box in its colour along the edges of the object and leaves the inside alone', async () => {
    const drawn = await annotate(greyPicture(600, 400), [
      { label: '', box: { left: 100, top: 100, right: 300, bottom: 250 } },
    ]);
    const pixel = pixelsOf(drawn);
    expect(pixel(100, 175)).toStrictEqual(rgb(strokeFor(0).colour));
    expect(pixel(300, 175)).toStrictEqual(rgb(strokeFor(0).colour));
    expect(pixel(200, 100)).toStrictEqual(rgb(strokeFor(0).colour));
    expect(pixel(200, 250)).toStrictEqual(rgb(strokeFor(0).colour));
    expect(pixel(200, 175)).toStrictEqual([GREY, GREY, GREY]);
    expect(pixel(50, 50)).toStrictEqual([GREY, GREY, GREY]);
  });

  test('keeps every side of a box that reaches the edges of the picture', async () => {
    const drawn = await annotate(greyPicture(600, 400), [
      { label: '', box: { left: -20, top: 0, right: 700, bottom: 400 } },
    ]);
    const pixel = pixelsOf(drawn);
    const coloured = (x: number, y: number): boolean =>
      pixel(x, y).join() === rgb(strokeFor(0).colour).join();
    const some = (points: [number, number][]): boolean => points.some(([x, y]) => coloured(x, y));
    const near = [0, 1, 2, 3, 4, 5];
    expect(some(near.map((offset) => [offset, 200]))).toBe(true);
    expect(some(near.map((offset) => [599 - offset, 200]))).toBe(true);
    expect(some(near.map((offset) => [300, offset]))).toBe(true);
    expect(some(near.map((offset) => [300, 399 - offset]))).toBe(true);
  });

  test('tints a mask so that the object still shows, and outlines it outside', async () => {
    const drawn = await annotate(greyPicture(600, 400), [
      {
        label: '',
        box: { left: 200, top: 100, right: 300, bottom: 200 },
        mask: filledMask(200, 100, 100, 100),
      },
    ]);
    const pixel = pixelsOf(drawn);
    const [red, green, blue] = rgb(strokeFor(0).colour) as [number, number, number];
    const tinted = [red, green, blue].map((value) => Math.round(GREY * 0.55 + value * 0.45));
    pixel(250, 150).forEach((value, channel) => {
      expect(Math.abs(value - (tinted[channel] ?? 0))).toBeLessThanOrEqual(2);
    });
    expect(pixel(198, 150)).toStrictEqual([red, green, blue]);
    expect(pixel(150, 150)).toStrictEqual([GREY, GREY, GREY]);
  });

  test('draws nothing where a mask only hints at an object', async () => {
    const mask = filledMask(200, 100, 100, 100);
    mask.values.fill(-0.3);
    const drawn = await annotate(greyPicture(600, 400), [
      { label: '', box: { left: 200, top: 100, right: 300, bottom: 200 }, mask },
    ]);
    const pixel = pixelsOf(drawn);
    expect(pixel(250, 150)).toStrictEqual([GREY, GREY, GREY]);
    expect(pixel(198, 150)).toStrictEqual([GREY, GREY, GREY]);
  });

  test('enlarges a small picture until a label is readable on it, and reduces a huge one, in its own shape', async () => {
    const box = { left: 1, top: 1, right: 9, bottom: 9 };
    const small = await annotate(greyPicture(40, 30), [{ label: 'dot', box }]);
    expect([small.width, small.height]).toStrictEqual([480, 360]);
    const large = await annotate(greyPicture(8192, 512), [{ label: 'dot', box }]);
    expect([large.width, large.height]).toStrictEqual([4096, 256]);
    expect(large.data).toHaveLength(4096 * 256 * 3);
  });

  test('draws where the objects are on a picture that was reduced after they were found', async () => {
    const found = [{ label: '', box: { left: 400, top: 400, right: 1200, bottom: 1000 } }];
    const drawn = await annotate(greyPicture(600, 400), found, { size: { width: 2400, height: 1600 } });
    const pixel = pixelsOf(drawn);
    expect(pixel(100, 175)).toStrictEqual(rgb(strokeFor(0).colour));
    expect(pixel(300, 175)).toStrictEqual(rgb(strokeFor(0).colour));
    expect(pixel(200, 175)).toStrictEqual([GREY, GREY, GREY]);
  });

  test('takes no memory for each pixel of a picture that was reduced before', async () => {
    const size = { width: 30_000, height: 30_000 };
    const objects = Array.from({ length: 8 }, () => ({ label: '', ...covering(size) }));
    const before = process.memoryUsage().rss;
    const drawn = await annotate(greyPicture(500, 500), objects, { size });
    // A byte for each pixel of one mask would be 900 MB.
    expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
    expect(pixelsOf(drawn)(250, 250)).not.toStrictEqual([GREY, GREY, GREY]);
  });

  test('reduces a picture to the longest side asked for, even where a label will hardly be readable', async () => {
    const box = { left: 1, top: 1, right: 9, bottom: 9 };
    const drawn = await annotate(greyPicture(900, 300), [{ label: 'dot', box }], { longestSide: 300 });
    expect([drawn.width, drawn.height]).toStrictEqual([300, 100]);
  });

  test('survives a label without end, one of another script and a box without area', async () => {
    const drawn = await annotate(greyPicture(600, 400), [
      { label: 'long '.repeat(2000), box: { left: 0, top: 0, right: 600, bottom: 400 } },
      { label: '猫 👩‍👩‍👧', box: { left: 10, top: 10, right: 10, bottom: 10 } },
    ]);
    expect(drawn.width).toBe(600);
  });
});
