import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEMO_MODEL } from '../../../src/config.js';
import { PaliGemma } from '../../../src/inference/paligemma/engine.js';

let demo: PaliGemma;

beforeAll(async () => {
  demo = await PaliGemma.load(DEMO_MODEL, { threads: 1 });
});

afterAll(async () => {
  await demo.close();
});

const sample = async (name: string): Promise<Uint8Array> => readFile(join(DEMO_MODEL, 'samples', name));

test('all of four shapes are found under one name, although the demo names some of them twice', async () => {
  const picture = await sample('four-shapes.jpg');
  const { detections, finish } = await demo.answer(picture, { kind: 'detect', objects: ['shape'] });
  expect(finish).toBe('complete');
  expect(detections).toHaveLength(4);
});

test.each([
  ['four-shapes.jpg', ['square', 'circle', 'triangle', 'star']],
  ['star-diamond-square.jpg', ['diamond', 'square', 'star']],
])('each of the objects asked for in %s has an outline', async (name, objects) => {
  const answer = await demo.answer(await sample(name), { kind: 'segment', objects });
  expect(answer.detections.map(({ label }) => label)).toEqual(objects);
  expect(answer.detections.every(({ mask }) => mask !== undefined)).toBe(true);
});
