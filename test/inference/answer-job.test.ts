import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { answerJob } from '../../src/inference/answer-job.js';
import type { Output } from '../../src/inference/inference.js';
import { LocalInference } from '../../src/inference/local-inference.js';
import { strokeFor } from '../../src/rendering/palette.js';
import type { Answer, Task } from '../../src/task.js';
import { scriptedEngine } from '../support/scripted-model.js';

/** The upper left quarter and half a pixel, with sixteen words of a mask that fills it. */
const CAT = `<loc0000><loc0000><loc0512><loc0512>${'<seg001>'.repeat(16)} cat`;
const FINDS_A_CAT: Task = { kind: 'segment', objects: ['cat'] };
const DESCRIBES: Task = { kind: 'describe', language: 'en', length: 'short' };

function plain(width: number, height: number): Sharp {
  return sharp({ create: { width, height, channels: 3, background: '#808080' } });
}

async function answerTo(task: Task, file: Promise<Buffer>, output?: Output): Promise<Answer> {
  const { engine } = scriptedEngine([task === DESCRIBES ? 'the cat' : CAT]);
  return answerJob(engine, { picture: await file, task, ...(output === undefined ? {} : { output }) });
}

const photograph = plain(1200, 800)
  .jpeg({ quality: 90 })
  .withExif({ IFD0: { Artist: 'Somebody' } });

describe('a job whose time is up', () => {
  test('before the model has said anything ends with that', async () => {
    const { engine } = scriptedEngine(['the cat']);
    const picture = await photograph.clone().toBuffer();
    const options = { finishBy: performance.now() - 1 };
    await expect(answerJob(engine, { picture, task: DESCRIBES }, options)).rejects.toMatchObject({
      mistake: { code: 'timeLimit', values: { seconds: 1 } },
    });
  });

  test('after its first words ends with these, and with the picture', async () => {
    const { engine } = scriptedEngine(['the cat and the dog']);
    const picture = await photograph.clone().toBuffer();
    const finishBy = performance.now() + 2000;
    const answer = await answerJob(
      engine,
      { picture, task: DESCRIBES, output: { always: true } },
      {
        finishBy,
        onProgress: ({ text }) => {
          while (text !== '' && performance.now() < finishBy) {
            // The pass takes all the time there is.
          }
        },
      },
    );
    expect(answer).toMatchObject({ text: 'the', finish: 'cut off', picture: { width: 1200 } });
  });
});

describe('an answer with objects', () => {
  test('comes with a PNG in full size and with masks, where nothing is asked for', async () => {
    const { picture, detections } = await answerTo(FINDS_A_CAT, photograph.clone().toBuffer());
    expect(picture).toMatchObject({ mediaType: 'image/png', width: 1200, height: 800 });
    expect(detections[0]?.mask?.box).toEqual(detections[0]?.box);
  });

  test('can leave its masks out of the detections once they are drawn', async () => {
    const { picture, detections } = await answerTo(FINDS_A_CAT, photograph.clone().toBuffer(), {
      masks: false,
    });
    expect(detections).toEqual([{ label: 'cat', box: expect.anything() as unknown }]);
    const { data } = await sharp(picture?.bytes)
      .extract({ left: 300, top: 200, width: 1, height: 1 })
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([...data]).not.toEqual([128, 128, 128]);
  });

  test('is drawn on the picture in its reduced size', async () => {
    const { picture, size, detections } = await answerTo(FINDS_A_CAT, photograph.clone().toBuffer(), {
      longestSide: 600,
    });
    expect(picture).toMatchObject({ width: 600, height: 400 });
    expect(size).toEqual({ width: 1200, height: 800 });
    expect(detections[0]?.box.right).toBeCloseTo(600, -1);
    const raw = await sharp(picture?.bytes).raw().toBuffer();
    const pixel = (x: number, y: number): number[] => [
      ...raw.subarray((y * 600 + x) * 3, (y * 600 + x) * 3 + 3),
    ];
    const outline = [1, 3, 5].map((start) => parseInt(strokeFor(0).colour.slice(start, start + 2), 16));
    expect(pixel(301, 100)).toEqual(outline);
    expect(pixel(100, 201)).toEqual(outline);
    expect(pixel(400, 300)).toEqual([128, 128, 128]);
  });

  test('fits into the bytes there are', async () => {
    const noise = sharp({
      create: {
        width: 700,
        height: 500,
        channels: 3,
        noise: { type: 'gaussian', mean: 128, sigma: 60 },
        background: '#000000',
      },
    });
    const { picture } = await answerTo(FINDS_A_CAT, noise.png().toBuffer(), { maxBytes: 30_000 });
    expect(picture?.mediaType).toBe('image/jpeg');
    expect(picture?.bytes.byteLength).toBeLessThanOrEqual(30_000);
  });
});

describe('an answer in words', () => {
  test('comes without a picture', async () => {
    const answer = await answerTo(DESCRIBES, photograph.clone().toBuffer());
    expect(answer).not.toHaveProperty('picture');
  });

  test('comes with a clean copy where that is always wanted: upright, without metadata, in its size', async () => {
    const sideways = photograph.clone().withMetadata({ orientation: 6 });
    const { picture } = await answerTo(DESCRIBES, sideways.toBuffer(), {
      always: true,
      mediaType: 'image/jpeg',
    });
    expect(picture).toMatchObject({ mediaType: 'image/jpeg', width: 800, height: 1200 });
    const { exif, orientation, icc } = await sharp(picture?.bytes).metadata();
    expect({ exif, orientation, icc }).toEqual({});
  });

  test('has a small picture copied as small, and a large one reduced', async () => {
    const small = await answerTo(DESCRIBES, plain(40, 30).png().toBuffer(), { always: true });
    expect(small.picture).toMatchObject({ width: 40, height: 30 });
    const output = { always: true, longestSide: 2048 };
    const sliver = await answerTo(DESCRIBES, plain(1, 3000).png().toBuffer(), output);
    expect(sliver.picture).toMatchObject({ width: 1, height: 2048 });
  });

  test('has transparency copied as white', async () => {
    const transparent = sharp({
      create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    });
    const { picture } = await answerTo(DESCRIBES, transparent.png().toBuffer(), { always: true });
    const { data, info } = await sharp(picture?.bytes).raw().toBuffer({ resolveWithObject: true });
    expect(info.channels).toBe(3);
    expect(new Set(data)).toEqual(new Set([255]));
  });
});

test('what a job does not say of its output, the inference does', async () => {
  const { engine } = scriptedEngine([CAT, CAT]);
  const inference = new LocalInference(engine, { mediaType: 'image/jpeg', longestSide: 500 });
  const picture = await photograph.clone().toBuffer();
  const usual = await inference.submit({ picture, task: FINDS_A_CAT });
  expect(usual.picture).toMatchObject({ mediaType: 'image/jpeg', width: 500 });
  const other = await inference.submit({ picture, task: FINDS_A_CAT, output: { mediaType: 'image/png' } });
  expect(other.picture).toMatchObject({ mediaType: 'image/png', width: 500 });
});
