import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEMO_MODEL } from '../src/config.js';
import { pixelBomb } from './support/hostile/png.js';
import { runCli, withoutProgress } from './support/run-cli.js';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glimpse-cli-'));
  const picture = sharp({
    create: { width: 320, height: 240, channels: 3, background: '#dddddd' },
  }).composite([
    {
      input: Buffer.from(
        '<svg width="320" height="240"><circle cx="100" cy="120" r="50" fill="#d81e1e"/></svg>',
      ),
    },
  ]);
  await picture.clone().png().toFile(join(folder, 'circle.png'));
  const jpeg = await picture.clone().jpeg().toBuffer();
  await writeFile(join(folder, 'truncated.jpg'), jpeg.subarray(0, jpeg.length / 2));
  await writeFile(join(folder, 'bomb.png'), pixelBomb(30_000, 30_000, 2_000));
  await writeFile(join(folder, 'words.png'), 'This is no picture.');
  await writeFile(join(folder, 'empty.png'), '');
  await writeFile(
    join(folder, 'drawing.svg'),
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
  );
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('a mistake gets one clear line on standard error and exit status 2', () => {
  test.each([
    ['no such file', ['describe', 'missing.png'], /There is no file missing\.png/],
    ['a folder', ['describe', '.'], /is a folder/],
    ['not a picture', ['describe', 'words.png'], /not a picture/],
    ['an empty file', ['describe', 'empty.png'], /not a picture|empty/],
    ['a picture of 900 megapixels', ['describe', 'bomb.png'], /too large|megapixels/],
    ['a truncated JPEG', ['describe', 'truncated.jpg'], /damaged|incomplete/],
    ['an SVG', ['describe', 'drawing.svg'], /SVG|not a picture/],
    ['an empty question', ['ask', 'circle.png', ' '], /question/],
    ['no object', ['detect', 'circle.png', ' ; '], /object/],
    ['a language the model does not know', ['describe', 'circle.png', '--language', 'tlh'], /tlh/],
    [
      'an output that is no picture',
      ['detect', 'circle.png', 'circle', '--out', 'boxes.pdf'],
      /\.png or a \.jpg/,
    ],
    ['a folder that is no checkpoint', ['describe', 'circle.png', '--model', '.'], /checkpoint|config\.json/],
  ])('%s', async (_name, args, sentence) => {
    const { status, stdout, stderr } = await runCli(args, folder);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/ {4}at /);
    expect(withoutProgress(stderr)).toHaveLength(1);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  test('an unknown command', async () => {
    const { status, stderr } = await runCli(['desribe', 'circle.png'], folder);
    expect(stderr).toMatch(/describe/);
    expect(status).toBe(2);
  });
});

test('--help names every command and ends with status 0', async () => {
  const { status, stdout } = await runCli(['--help'], folder);
  for (const command of ['describe', 'ocr', 'ask', 'detect', 'segment', 'model', 'samples']) {
    expect(stdout).toContain(command);
  }
  expect(status).toBe(0);
});

test('detect finds the circle where it is, prints its box and writes the annotated picture', async () => {
  const { status, stdout, stderr } = await runCli(
    ['detect', 'circle.png', 'circle', '--model', DEMO_MODEL, '--json'],
    folder,
  );
  expect(stderr).toContain('circle-detect.png');
  const answer = JSON.parse(stdout) as {
    finish: string;
    detections: { label: string; box: { left: number; top: number; right: number; bottom: number } }[];
    picture: { file: string; width: number; height: number };
  };
  expect(answer.finish).toBe('complete');
  expect(answer.detections).toHaveLength(1);
  const box = answer.detections[0]?.box ?? { left: 0, top: 0, right: 0, bottom: 0 };
  // The circle's edges lie at 50, 70, 150 and 170.
  expect(Math.abs(box.left - 50)).toBeLessThan(20);
  expect(Math.abs(box.top - 70)).toBeLessThan(20);
  expect(Math.abs(box.right - 150)).toBeLessThan(20);
  expect(Math.abs(box.bottom - 170)).toBeLessThan(20);
  const annotated = sharp(await readFile(join(folder, 'circle-detect.png')));
  expect(await annotated.metadata()).toMatchObject({ format: 'png', width: 480, height: 360 });
  expect(status).toBe(0);
});

test('segment --json carries each mask as a greyscale PNG of its box', async () => {
  const { stdout } = await runCli(['segment', 'circle.png', 'circle', '--json', '--out', 'cut.jpg'], folder);
  const answer = JSON.parse(stdout) as {
    detections: { mask: { width: number; height: number; png: string } }[];
  };
  const mask = answer.detections[0]?.mask ?? { width: 0, height: 0, png: '' };
  expect(await sharp(Buffer.from(mask.png, 'base64')).metadata()).toMatchObject({
    width: mask.width,
    height: mask.height,
    channels: 1,
  });
  expect(await sharp(await readFile(join(folder, 'cut.jpg'))).metadata()).toMatchObject({ format: 'jpeg' });
});

test('ask prints the bare answer on standard output', async () => {
  const { status, stdout } = await runCli(['ask', 'circle.png', 'what color is the circle?'], folder);
  expect(stdout).toBe('red\n');
  expect(status).toBe(0);
});
