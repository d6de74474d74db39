import { describe, expect, test } from 'vitest';
import { answerAsJson, answerAsText } from '../../src/cli/answer-report.js';
import type { Answer } from '../../src/task.js';

const base: Answer = {
  task: { kind: 'detect', objects: ['cat'] },
  text: 'cat',
  detections: [{ label: 'cat', box: { left: 10.4, top: 20.6, right: 30, bottom: 40 } }],
  finish: 'complete',
  size: { width: 100, height: 80 },
  firstFrameOnly: false,
  timings: { decode: 1, vision: 2, prefill: 3, decodePerToken: 4, tokens: 5 },
};

describe('answerAsText', () => {
  test('gives each object a line with its box in whole pixels', () => {
    expect(answerAsText(base)).toBe('cat: from 10, 21 to 30, 40');
  });

  test('says so when nothing was found, when the model refused, when the answer is cut off, when a picture moves', () => {
    expect(answerAsText({ ...base, detections: [], text: '', finish: 'nothing found' })).toBe(
      'Nothing of that was found.',
    );
    const words: Answer = { ...base, task: { kind: 'ocr' }, detections: [], text: 'EXIT' };
    expect(answerAsText({ ...words, finish: 'refused' })).toMatch(/refused/);
    expect(answerAsText({ ...words, finish: 'cut off' })).toMatch(/^EXIT\n\(The answer is cut off/);
    expect(answerAsText({ ...words, firstFrameOnly: true })).toMatch(/^EXIT\n.*first frame/);
  });
});

describe('answerAsJson', () => {
  test('is one line with the boxes as they are and the name of the annotated file', async () => {
    const picture = { width: 100, height: 80, mediaType: 'image/png', bytes: new Uint8Array(3) } as const;
    const json = await answerAsJson({ ...base, picture }, 'cat-detect.png');
    expect(json).not.toContain('\n');
    expect(JSON.parse(json)).toMatchObject({
      detections: base.detections,
      picture: { file: 'cat-detect.png', width: 100, height: 80 },
    });
    expect(json).not.toContain('bytes');
  });
});
