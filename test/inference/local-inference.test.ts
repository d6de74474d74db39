import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { convertCheckpoint } from '../../src/checkpoints/convert.js';
import { UserError } from '../../src/errors.js';
import { LocalInference } from '../../src/inference/local-inference.js';
import { PaliGemma } from '../../src/inference/paligemma/engine.js';
import type { Task } from '../../src/task.js';
import { fixture } from '../support/fixtures.js';

const describeTask: Task = { kind: 'describe', language: 'en', length: 'short' };
const ocrTask: Task = { kind: 'ocr' };

let temporary = '';
let inference: LocalInference;
let picture: Uint8Array;

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'glimpse-test-'));
  const folder = join(temporary, 'converted');
  await convertCheckpoint({
    from: fixture('reference/float32-two-layers/checkpoint'),
    to: folder,
    dtype: 'fp32',
  });
  inference = new LocalInference(await PaliGemma.load(folder));
  picture = await readFile(fixture('pictures/scene-97x61.png'));
});

afterAll(async () => {
  await inference.close();
  await rm(temporary, { recursive: true });
});

test('jobs that come at once are answered one after another, in the order in which they came', async () => {
  const finished: string[] = [];
  const tasks = [describeTask, ocrTask, describeTask];
  await Promise.all(
    tasks.map(async (task, index) => {
      const answer = await inference.submit({ picture, task });
      expect(answer.task).toBe(task);
      finished.push(`${index} ${task.kind}`);
    }),
  );
  expect(finished).toEqual(['0 describe', '1 ocr', '2 describe']);
});

test('a second question about a picture skips the vision encoder', async () => {
  const other = await sharp(picture).flip().png().toBuffer();
  expect((await inference.submit({ picture: other, task: describeTask })).timings.vision).toBeGreaterThan(0);
  expect((await inference.submit({ picture: other, task: ocrTask })).timings.vision).toBe(0);
});

test('a job that is aborted while it waits never runs, and those behind it do', async () => {
  const abort = new AbortController();
  const first = inference.submit({ picture, task: describeTask });
  const seen: string[] = [];
  const waiting = inference.submit(
    { picture, task: ocrTask },
    { signal: abort.signal, onProgress: ({ stage }) => seen.push(stage) },
  );
  const last = inference.submit({ picture, task: ocrTask });
  abort.abort(new Error('no longer wanted'));
  await expect(waiting).rejects.toThrow('no longer wanted');
  expect((await first).task).toBe(describeTask);
  expect((await last).task).toBe(ocrTask);
  expect(seen).toEqual([]);
});

test('a job that is aborted while it runs ends within a token, and the next one is answered', async () => {
  const abort = new AbortController();
  const texts: string[] = [];
  const running = inference.submit(
    { picture, task: describeTask },
    {
      signal: abort.signal,
      onProgress: (progress) => {
        if (progress.stage === 'answering') {
          texts.push(progress.text);
          abort.abort(new Error('enough'));
        }
      },
    },
  );
  await expect(running).rejects.toThrow('enough');
  expect(texts).toHaveLength(1);
  expect((await inference.submit({ picture, task: ocrTask })).task).toBe(ocrTask);
});

test('a file that is no picture is told as a mistake, and the next job is answered', async () => {
  const wrong = inference.submit({ picture: new Uint8Array([1, 2, 3]), task: ocrTask });
  await expect(wrong).rejects.toBeInstanceOf(UserError);
  expect((await inference.submit({ picture, task: ocrTask })).task).toBe(ocrTask);
});
