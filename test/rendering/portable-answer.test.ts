import sharp from 'sharp';
import { expect, test } from 'vitest';
import { portableAnswer } from '../../src/rendering/portable-answer.js';
import type { Answer, Box, Size } from '../../src/task.js';

function answer(size: Size, box: Box): Answer {
  // Inside on the left half of the box.
  const values = Float32Array.from({ length: 64 * 64 }, (_, i) => (i % 64 < 32 ? 1 : -1));
  return {
    task: { kind: 'segment', objects: ['cat'] },
    text: 'cat',
    detections: [{ label: 'cat', box, mask: { box, width: 64, height: 64, values } }],
    finish: 'complete',
    size,
    firstFrameOnly: false,
    timings: { decode: 0, vision: 0, prefill: 0, decodePerToken: 0, tokens: 0 },
  };
}

test.each([
  ['small', { width: 300, height: 200 }, { width: 200, height: 100 }],
  ['of 100 megapixels', { width: 12_000, height: 8000 }, { width: 2048, height: 1434 }],
])(
  'the mask of a picture %s is a PNG of its place, at most 2048 pixels long',
  async (_name, size, expected) => {
    const box =
      size.width === 300
        ? { left: 50, top: 50, right: 250, bottom: 150 }
        : { left: 1000, top: 500, right: 11_000, bottom: 7500 };
    const { detections } = await portableAnswer(answer(size, box));
    const { png, ...place } = detections[0].mask ?? { png: '' };
    expect(place).toEqual({
      left: box.left,
      top: box.top,
      width: box.right - box.left,
      height: box.bottom - box.top,
    });
    const { data, info } = await sharp(Buffer.from(png, 'base64'))
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ ...expected, channels: 1 });
    const middle = Math.floor(info.height / 2) * info.width;
    expect([data[middle + 2], data[middle + info.width - 3]]).toEqual([255, 0]);
    expect(data[middle + Math.round(info.width * 0.48)]).toBe(255);
    expect(data[middle + Math.round(info.width * 0.52)]).toBe(0);
  },
);
