import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../../src/errors.js';
import type { RunningProgress, Task } from '../../../src/task.js';
import type { EngineParts } from '../../../src/inference/paligemma/engine.js';
import { imageFeatures } from '../../support/image-features.js';
import { scriptedEngine, ScriptedModel } from '../../support/scripted-model.js';
import { tinyTokenizer } from '../../support/tiny-tokenizer.js';

const REFUSAL = 'Sorry, as a base VLM I am not trained to answer this question.';
const ask: Task = { kind: 'ask', question: 'what', language: 'en' };
const ocr: Task = { kind: 'ocr' };
const detect: Task = { kind: 'detect', objects: ['cat', 'dog'] };
const segment: Task = { kind: 'segment', objects: ['cat'] };
const CAT = '<loc0000><loc0000><loc0512><loc0512> cat';
const DOG = '<loc0100><loc0200><loc0300><loc0400> dog';
const MASK = Array.from({ length: 16 }, (_, i) => `<seg${String(i + 1).padStart(3, '0')}>`).join('');

let picture: Uint8Array;
let another: Uint8Array;

beforeAll(async () => {
  const make = (background: string): Promise<Buffer> =>
    sharp({ create: { width: 200, height: 100, channels: 3, background } })
      .png()
      .toBuffer();
  picture = await make('#ff0000');
  another = await make('#0000ff');
});

describe('an answer in words', () => {
  test('is what the model said, with its end, the size and the times', async () => {
    const { engine, model } = scriptedEngine(['a cat']);
    const answer = await engine.answer(picture, ask);
    expect(answer).toMatchObject({
      task: ask,
      text: 'a cat',
      detections: [],
      finish: 'complete',
      size: { width: 200, height: 100 },
      firstFrameOnly: false,
      timings: { tokens: 2 },
    });
    expect(model.prompts).toEqual(['answer en what']);
  });

  test('holds no places that strayed into it', async () => {
    const { engine } = scriptedEngine(['<loc0001>a cat<seg001>']);
    expect((await engine.answer(picture, ocr)).text).toBe('a cat');
  });

  test('of nothing is: nothing found', async () => {
    const { engine } = scriptedEngine(['']);
    expect(await engine.answer(picture, ocr)).toMatchObject({ text: '', finish: 'nothing found' });
  });

  test('that meets the limit of its task is cut off', async () => {
    const { engine } = scriptedEngine([
      Array.from({ length: 500 }, (_, i) => 6 + 65 + ((i * i + (i >> 5)) % 26)),
    ]);
    const answer = await engine.answer(picture, ask);
    expect(answer.finish).toBe('cut off');
    expect(answer.timings.tokens).toBe(256);
  });

  test('may be twice as long of a checkpoint for more than 224 pixels', async () => {
    const endless = Array.from({ length: 600 }, (_, i) => 6 + 65 + ((i * i + (i >> 5)) % 26));
    const preprocessing = {
      size: { width: 448, height: 448 },
      rescaleFactor: 1 / 255,
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
    } as const;
    const { engine } = scriptedEngine([endless], { preprocessing });
    expect((await engine.answer(picture, ocr)).timings.tokens).toBe(512);
  });

  test('that begins to repeat itself is cut off where it begins', async () => {
    const { engine } = scriptedEngine(['sale' + ' big cat'.repeat(100)]);
    const answer = await engine.answer(picture, ask);
    expect(answer).toMatchObject({ text: 'sale big cat', finish: 'cut off' });
    expect(answer.timings.tokens).toBeLessThan(70);
  });
});

describe('where the model has room for few tokens', () => {
  const endless = Array.from({ length: 600 }, (_, i) => 6 + 65 + ((i * i + (i >> 5)) % 26));

  test('an answer is cut off where that is full', async () => {
    const { engine, model } = scriptedEngine([endless], { positions: 40 });
    const answer = await engine.answer(picture, ask);
    const prompt = 4 + 1 + 'answer en what'.length + 1;
    expect(answer.finish).toBe('cut off');
    expect(answer.timings.tokens).toBe(40 - prompt);
    // The last token is said and not read: nothing is asked of a place that is not there.
    expect(prompt + model.steps).toBeLessThan(40);
  });

  test('a question that leaves none is told as one', async () => {
    const { engine, model } = scriptedEngine([endless], { positions: 20 });
    await expect(engine.answer(picture, ask)).rejects.toMatchObject({ mistake: { code: 'promptTooLong' } });
    expect(model.prompts).toEqual([]);
  });
});

describe('text that is read from a picture', () => {
  test.each([
    ['equal lines of a receipt', `bread 2.49; ${'1 FLAT WHITE 3.80; '.repeat(5)}TOTAL 19.00`],
    ['a row of zeros', `Goals${' 0'.repeat(90)}; Cards 1 2`],
    ['equal lines of a log', `${'Message deleted; '.repeat(12)}Ann: hello`],
    ['a refrain', `${'la la la la la la la the cat; '.repeat(5)}the end`],
    ['a table of contents', `Preface ${'.'.repeat(80)} 3; Index ${'.'.repeat(80)} 9`],
  ])('is whole: %s', async (_name, text) => {
    const { engine } = scriptedEngine([text]);
    expect(await engine.answer(picture, ocr)).toMatchObject({ text, finish: 'complete' });
  });

  test('that is repeated until the limit is told with three rounds of it', async () => {
    const { engine } = scriptedEngine(['sale' + ' big cat'.repeat(200)]);
    const answer = await engine.answer(picture, ocr);
    expect(answer.finish).toBe('cut off');
    expect(answer.text).toMatch(/^sale(?: big cat){3}(?: b?i?g?)?$/);
    expect(answer.timings.tokens).toBe(256);
  });
});

describe('an answer whose time is up', () => {
  const upTo = (progress: string): { finishBy: number; onProgress: (step: RunningProgress) => void } => {
    // Long enough to begin, and over when so much has been said.
    const finishBy = performance.now() + 3000;
    const onProgress = ({ text }: RunningProgress): void => {
      while (text === progress && performance.now() < finishBy) {
        // The pass takes all the time there is.
      }
    };
    return { finishBy, onProgress };
  };

  test('is what the model has said', async () => {
    const { engine } = scriptedEngine(['the cat and the dog']);
    expect(await engine.answer(picture, ocr, upTo('the cat'))).toMatchObject({
      text: 'the cat',
      finish: 'cut off',
    });
  });

  test('has the whole objects that were found, and no half one', async () => {
    const { engine } = scriptedEngine([`${CAT} ; ${DOG} ; ${CAT}`]);
    const answer = await engine.answer(picture, detect, upTo('cat'));
    expect(answer).toMatchObject({ text: 'cat', finish: 'cut off' });
    expect(answer.detections).toHaveLength(1);
  });

  test('does not show the first words of a refusal', async () => {
    const script = new ScriptedModel(tinyTokenizer(), [REFUSAL]);
    const finishBy = performance.now() + 2000;
    const slow: EngineParts['languageModel'] = {
      read: async (ids) => {
        const reading = await script.read(ids);
        await sleep(finishBy - performance.now() + 10);
        return reading;
      },
      blankPlace: () => script.blankPlace(),
      close: () => Promise.resolve(),
    };
    const { engine } = scriptedEngine([], { languageModel: slow });
    expect(await engine.answer(picture, ask, { finishBy })).toMatchObject({ text: '', finish: 'cut off' });
  });
});

describe('a refusal', () => {
  test('is tried once more in other words', async () => {
    const { engine, model } = scriptedEngine([REFUSAL, 'a cat']);
    const answer = await engine.answer(picture, ask);
    expect(model.prompts).toEqual(['answer en what', 'what']);
    expect(answer).toMatchObject({ text: 'a cat', finish: 'complete' });
  });

  test('twice is told as one, without the words', async () => {
    const { engine, model } = scriptedEngine([REFUSAL, 'unanswerable']);
    const answer = await engine.answer(picture, ask);
    expect(model.prompts).toHaveLength(2);
    expect(answer).toMatchObject({ text: '', detections: [], finish: 'refused' });
  });

  test('of a segmentation is tried as a detection', async () => {
    const { engine, model } = scriptedEngine([REFUSAL, CAT]);
    const answer = await engine.answer(picture, segment);
    expect(model.prompts).toEqual(['segment cat', 'detect cat']);
    expect(answer.detections).toHaveLength(1);
  });

  test('is never shown', async () => {
    const { engine } = scriptedEngine([REFUSAL, 'a cat']);
    const shown: string[] = [];
    await engine.answer(picture, ask, { onProgress: ({ text }) => shown.push(text) });
    expect(shown.join()).not.toMatch(/sorry/i);
    expect(shown).toContain('a cat');
  });
});

describe('objects', () => {
  test('come with their boxes in pixels of the picture, in order', async () => {
    const { engine } = scriptedEngine([`${CAT} ; ${DOG}`]);
    const answer = await engine.answer(picture, detect);
    expect(answer).toMatchObject({ text: 'cat, dog', finish: 'complete' });
    expect(answer.detections.map(({ label }) => label)).toEqual(['cat', 'dog']);
    expect(answer.detections[0].box).toMatchObject({ left: 0, top: 0 });
    expect(answer.detections[0].box.right).toBeCloseTo((512 / 1023) * 200);
    expect(answer.detections[0].box.bottom).toBeCloseTo((512 / 1023) * 100);
  });

  test('of which there are none: nothing found', async () => {
    const { engine } = scriptedEngine(['']);
    expect(await engine.answer(picture, detect)).toMatchObject({ text: '', finish: 'nothing found' });
  });

  test('said again and again end the answer, each told once', async () => {
    const { engine } = scriptedEngine([`${CAT} ; ${DOG}${` ; ${CAT}`.repeat(30)}`]);
    const answer = await engine.answer(picture, detect);
    expect(answer).toMatchObject({ text: 'cat, dog', finish: 'cut off' });
    // Two objects, and one said four times more: not the 256 that the task may have.
    expect(answer.timings.tokens).toBeLessThan(80);
  });

  test.each([
    ['twice each', [0, 1, 0, 1, 2, 3]],
    ['three times in a row', [0, 0, 0, 0, 1, 2, 3]],
    ['between all others', [0, 1, 0, 2, 0, 3]],
  ])('said again %s are told once, and so are the new ones behind', async (_name, said) => {
    const rows = [0, 1, 2, 3].map((row) => `<loc0${row}00><loc0000><loc0${row}90><loc0900> cat`);
    const { engine } = scriptedEngine([said.map((row) => rows[row]).join(' ; ')]);
    const answer = await engine.answer(picture, detect);
    expect(answer).toMatchObject({ text: 'cat, cat, cat, cat', finish: 'complete' });
    expect(answer.detections.map(({ box }) => Math.round((box.top / 100) * 1023))).toEqual([
      0, 100, 200, 300,
    ]);
  });

  test('said again with places that drift a little end it too', async () => {
    const drifting = Array.from({ length: 30 }, (_, i) => `<loc00${10 + i}><loc0000><loc0900><loc0900> cat`);
    const { engine } = scriptedEngine([drifting.join(' ; ')]);
    const answer = await engine.answer(picture, detect);
    expect(answer).toMatchObject({ text: 'cat', finish: 'cut off' });
    expect(answer.timings.tokens).toBeLessThan(80);
  });

  test('cut off by the limit leave no half object behind', async () => {
    const many = Array.from(
      { length: 60 },
      (_, i) => `<loc0${100 + i * 8}><loc0000><loc0${104 + i * 8}><loc0900> cat`,
    );
    const { engine } = scriptedEngine([many.join(' ; ')]);
    const answer = await engine.answer(picture, detect);
    expect(answer.finish).toBe('cut off');
    expect(answer.timings.tokens).toBe(256);
    expect(answer.detections.length).toBeGreaterThan(10);
    expect(new Set(answer.detections.map(({ label }) => label))).toEqual(new Set(['cat']));
  });

  test('have masks of their boxes where the model gave them', async () => {
    const { engine } = scriptedEngine([`${CAT.replace(' ', MASK)} cat ; ${DOG}`]);
    const { detections } = await engine.answer(picture, segment);
    expect(detections[0].mask?.box).toEqual(detections[0].box);
    expect(new Set(detections[0].mask?.values)).toEqual(new Set([1]));
    expect(detections[1]).not.toHaveProperty('mask');
  });

  test('have boxes alone where the checkpoint has no mask decoder', async () => {
    const { engine } = scriptedEngine([`${CAT.replace(' ', MASK)} cat`], { maskDecoder: undefined });
    const { detections } = await engine.answer(picture, segment);
    expect(detections).toHaveLength(1);
    expect(detections[0]).not.toHaveProperty('mask');
  });
});

describe('outlines of several objects', () => {
  const several: Task = { kind: 'segment', objects: ['dog', 'Cat', 'bird', 'dog'] };
  const OUTLINED_CAT = `${CAT.replace(' cat', MASK)} cat`;
  const OUTLINED_DOG = `${DOG.replace(' dog', MASK)} dog`;

  test('are asked for one object at a time, of one look at the picture, and come in that order', async () => {
    const { engine, model, looks } = scriptedEngine([OUTLINED_DOG, OUTLINED_CAT, '']);
    const answer = await engine.answer(picture, several);
    expect(model.prompts).toEqual(['segment dog', 'segment cat', 'segment bird']);
    expect(looks()).toBe(1);
    expect(answer).toMatchObject({ task: several, text: 'dog, cat', finish: 'complete' });
    expect(answer.detections.map(({ label, mask }) => [label, mask !== undefined])).toEqual([
      ['dog', true],
      ['cat', true],
    ]);
  });

  test('grow object by object while somebody watches', async () => {
    const { engine } = scriptedEngine([`${OUTLINED_DOG} ; ${CAT} ; `, `${CAT} ; `, '']);
    const shown: string[] = [];
    await engine.answer(picture, several, { onProgress: ({ text }) => shown.push(text) });
    expect([...new Set(shown)]).toEqual(['', 'dog', 'dog, cat']);
  });

  test('may each be refused by itself; what is said of the others counts', async () => {
    const { engine, model } = scriptedEngine([REFUSAL, DOG, REFUSAL, REFUSAL, '']);
    const answer = await engine.answer(picture, several);
    expect(model.prompts).toEqual(['segment dog', 'detect dog', 'segment cat', 'detect cat', 'segment bird']);
    expect(answer).toMatchObject({ text: 'dog', finish: 'complete' });
  });

  test('are refused where each is', async () => {
    const { engine } = scriptedEngine(Array.from({ length: 6 }, () => REFUSAL));
    expect(await engine.answer(picture, several)).toMatchObject({ text: '', finish: 'refused' });
  });

  test('have the limit of tokens each, and are cut off where one is', async () => {
    const many = Array.from(
      { length: 60 },
      (_, i) => `<loc0${100 + i * 8}><loc0000><loc0${104 + i * 8}><loc0900> dog`,
    );
    const { engine } = scriptedEngine([many.join(' ; '), OUTLINED_CAT, '']);
    const answer = await engine.answer(picture, several);
    expect(answer.finish).toBe('cut off');
    expect(answer.detections.at(-1)?.label).toBe('cat');
    expect(answer.timings.tokens).toBeGreaterThan(256 + 20);
  });

  test('that are one object, named twice alike, are told once', async () => {
    const { engine } = scriptedEngine([OUTLINED_DOG, OUTLINED_DOG, '']);
    expect(await engine.answer(picture, several)).toMatchObject({ text: 'dog' });
  });

  test('of too many objects are refused before the picture is looked at', async () => {
    const { engine, looks } = scriptedEngine([]);
    const objects = Array.from({ length: 17 }, (_, i) => `thing ${i}`);
    await expect(engine.answer(picture, { kind: 'segment', objects })).rejects.toThrow(/16/);
    expect(looks()).toBe(0);
  });
});

test('progress tells of looking, then of the answer as it grows: for objects, the labels of whole ones', async () => {
  const { engine } = scriptedEngine([`${CAT} ; ${DOG}`, 'the cat']);
  const progress: RunningProgress[] = [];
  await engine.answer(picture, detect, { onProgress: (step) => progress.push(step) });
  expect(progress[0]).toEqual({ stage: 'looking', text: '' });
  expect([...new Set(progress.slice(1).map(({ text }) => text))]).toEqual(['', 'cat']);
  expect(progress.slice(1).every(({ stage }) => stage === 'answering')).toBe(true);

  const words: string[] = [];
  await engine.answer(picture, ask, { onProgress: ({ text }) => words.push(text) });
  expect(words).toEqual(['', 'the', 'the cat']);
});

describe('the picture', () => {
  test('is looked at once for several questions', async () => {
    const { engine, looks } = scriptedEngine(['a', 'b', 'c']);
    expect((await engine.answer(picture, ask)).timings.vision).toBeGreaterThan(0);
    expect((await engine.answer(picture, ocr)).timings.vision).toBe(0);
    expect(looks()).toBe(1);
    const other = await engine.answer(another, ocr);
    expect(other.timings.vision).toBeGreaterThan(0);
    expect(looks()).toBe(2);
  });

  test('is not read where the task is empty', async () => {
    const { engine, looks } = scriptedEngine([]);
    const empty: Task = { kind: 'ask', question: '<eos>', language: 'en' };
    await expect(engine.answer(Uint8Array.of(1), empty)).rejects.toThrow(/question/);
    expect(looks()).toBe(0);
  });

  test('that is none leaves the engine ready for the next', async () => {
    const { engine } = scriptedEngine(['a cat']);
    await expect(engine.answer(Uint8Array.of(1, 2, 3), ask)).rejects.toThrow(UserError);
    expect((await engine.answer(picture, ask)).text).toBe('a cat');
  });
});

describe('one answer at a time', () => {
  test('a second one is refused while the first is being made, and taken after it', async () => {
    const { engine } = scriptedEngine(['a', 'b']);
    const first = engine.answer(picture, ask);
    await expect(engine.answer(picture, ask)).rejects.toThrow(/one answer at a time/);
    expect((await first).text).toBe('a');
    expect((await engine.answer(picture, ask)).text).toBe('b');
  });

  test('close waits for it', async () => {
    let closed = false;
    const { engine } = scriptedEngine(['a cat'], {
      visionEncoder: {
        encode: () => Promise.resolve(imageFeatures(new Float32Array(4), 4, 1)),
        close: () => {
          closed = true;
          return Promise.resolve();
        },
      },
    });
    const answer = engine.answer(picture, ask).then(({ text }) => ({ text, closed }));
    await engine.close();
    expect(await answer).toEqual({ text: 'a cat', closed: false });
    expect(closed).toBe(true);
  });

  test('an abort rejects with its reason, and the next answer is made as ever', async () => {
    const { engine } = scriptedEngine([[71, 72, 73], 'a cat']);
    const controller = new AbortController();
    const reason = new Error('changed my mind');
    const answer = engine.answer(picture, ask, {
      signal: controller.signal,
      onProgress: ({ stage }) => {
        if (stage === 'answering') {
          controller.abort(reason);
        }
      },
    });
    await expect(answer).rejects.toBe(reason);
    expect((await engine.answer(picture, ask)).text).toBe('a cat');
  });
});
