import { describe, expect, test } from 'vitest';
import { keptAtLimit, keptOfLoop, tokenLimit } from '../../../src/inference/paligemma/stopping.js';
import type { Task } from '../../../src/task.js';

const times = (count: number, ...tokens: number[]): number[] =>
  Array.from({ length: count }, () => tokens).flat();
const upTo = (end: number): number[] => Array.from({ length: end }, (_, i) => 1000 + i);

describe('an answer in words that only repeats itself', () => {
  test.each<[name: string, tokens: number[], kept: number | undefined]>([
    ['one token 64 times: the first is kept', times(64, 7), 1],
    ['one token 63 times goes on', times(63, 7), undefined],
    ['a run of 10 eight times', [1, 2, ...times(8, ...upTo(10))], 12],
    ['a run of 10 seven times goes on', [1, 2, ...times(7, ...upTo(10))], undefined],
    ['a sentence of 40 tokens eight times', times(8, ...upTo(40)), 40],
    ['a sentence of 40 tokens seven times goes on', times(7, ...upTo(40)), undefined],
    ['a loop caught in the middle of a round', [...times(10, 1, 2, 3, 4, 5, 6, 7), 1, 2], 7],
    ['a loop that has ended', [...times(30, 1, 2, 3), 9], undefined],
    ['words without a loop', upTo(400), undefined],
    ['nothing', [], undefined],
  ])('%s', (_name, tokens, kept) => {
    expect(keptOfLoop('describe', tokens)).toBe(kept);
    expect(keptOfLoop('ask', tokens)).toBe(kept);
  });
});

test.each([times(400, 7), times(12, ...upTo(40)), times(50, 1, 2, 3, 4, 5, 6, 7)])(
  'text that is read goes on however often it repeats itself',
  (...tokens) => {
    expect(keptOfLoop('ocr', tokens)).toBeUndefined();
  },
);

describe('an answer that met its limit keeps', () => {
  test.each<[name: string, tokens: number[], kept: number]>([
    ['three rounds of what it repeated to the end', [1, 2, ...times(6, 10, 11, 12, 13, 14, 15)], 20],
    ['all where it repeats thrice', [1, 2, ...times(3, ...upTo(10))], 32],
    ['all where it goes on behind what it repeated', [...times(30, 1, 2, 3), 9], 91],
    ['all where it does not repeat', upTo(256), 256],
  ])('%s', (_name, tokens, kept) => {
    expect(keptAtLimit(tokens)).toBe(kept);
  });
});

describe('the most tokens of an answer are those that the checkpoint was trained on', () => {
  const language = 'te';
  test.each<[Task, at224: number, at448: number]>([
    [{ kind: 'describe', language, length: 'long' }, 256, 512],
    [{ kind: 'describe', language, length: 'short' }, 128, 128],
    [{ kind: 'ask', question: 'what does it say?', language }, 256, 512],
    [{ kind: 'ocr' }, 256, 512],
    [{ kind: 'detect', objects: ['cat'] }, 256, 512],
    [{ kind: 'segment', objects: ['cat'] }, 256, 512],
  ])('%j', (task, at224, at448) => {
    expect(tokenLimit(task, { width: 160, height: 160 })).toBe(at224);
    expect(tokenLimit(task, { width: 224, height: 224 })).toBe(at224);
    expect(tokenLimit(task, { width: 448, height: 448 })).toBe(at448);
    expect(tokenLimit(task, { width: 896, height: 896 })).toBe(at448);
  });
});
