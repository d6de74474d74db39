import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/errors.js';
import { phrasingsOf } from '../../../src/inference/paligemma/prompt.js';
import { makeCleaner } from '../../../src/inference/paligemma/user-words.js';
import type { Task } from '../../../src/task.js';

const clean = makeCleaner(['<image>', '<loc0001>', '<eos>']);
const prompts = (task: Task): string[] => phrasingsOf(task, clean).map(({ prompt }) => prompt);
const detect = (...objects: string[]): Task => ({ kind: 'detect', objects });

describe('each task is put as PaliGemma was trained on it, and has another phrasing', () => {
  test.each<[Task, string, string]>([
    [{ kind: 'describe', language: 'de', length: 'short' }, 'caption de', 'describe de'],
    [{ kind: 'describe', language: 'zh', length: 'long' }, 'describe zh', 'caption zh'],
    [{ kind: 'ocr' }, 'ocr', 'answer en what is this text'],
    [{ kind: 'ask', question: 'Where IS it?', language: 'en' }, 'answer en Where IS it?', 'Where IS it?'],
    [detect('Cat', 'dog'), 'detect cat ; dog', 'detect bounding box of cat ; dog'],
    [{ kind: 'segment', objects: ['cat', 'Dog '] }, 'segment cat ; dog', 'detect cat ; dog'],
  ])('%j', (task, first, second) => {
    expect(prompts(task)).toEqual([first, second]);
  });
});

test.each([
  'detect cat',
  'Segment the dog',
  'ocr',
  'caption en',
  'describe de',
  'answer fr was',
  'question en a',
])('the question %j becomes no other task, however it is put', (question) => {
  const asked = `answer en ${question}`;
  expect(prompts({ kind: 'ask', question, language: 'en' })).toEqual([asked, asked]);
});

describe("people's words", () => {
  test.each<[string, Task, string]>([
    [
      'a token in a question',
      { kind: 'ask', question: 'what<eos> is\nit ', language: 'en' },
      'answer en what is it',
    ],
    ['a separator in a name', detect('cat; dog'), 'detect cat dog'],
    ['a token in capitals, which lower case would make one', detect('<LOC0001>cat'), 'detect cat'],
    ['an empty name among others', detect('cat', ' ', '<image>'), 'detect cat'],
    ['a name twice', detect('Cat', 'dog', 'cat'), 'detect cat ; dog'],
  ])('%s', (_name, task, prompt) => {
    expect(prompts(task)[0]).toBe(prompt);
  });
});

describe('a task that asks nothing, or too much', () => {
  test.each<[string, Task, RegExp]>([
    ['an empty question', { kind: 'ask', question: ' \n', language: 'en' }, /question is empty/],
    ['a question of tokens', { kind: 'ask', question: '<eos><image>', language: 'en' }, /question is empty/],
    ['a question of 501 characters', { kind: 'ask', question: 'a'.repeat(501), language: 'en' }, /500/],
    ['no object', detect(), /at least one object/],
    ['objects without a name', detect(' ', ';', '<eos>'), /at least one object/],
    ['17 objects', detect(...Array.from({ length: 17 }, (_, i) => `thing ${i}`)), /16/],
    ['a name of 65 characters', detect('a'.repeat(65)), /64/],
  ])('%s', (_name, task, message) => {
    expect(() => phrasingsOf(task, clean)).toThrow(UserError);
    expect(() => phrasingsOf(task, clean)).toThrow(message);
  });

  test.each([
    ['letters', 'a'],
    ['emoji', '😀'],
    ['flags', '🇩🇪'],
    ['emoji with skin', '👍🏽'],
    ['letters with marks', 'ő̀'.normalize('NFD')],
    ['syllables of Devanagari', 'क्षि'],
    ['syllables of Burmese', 'မြို့'.slice(0, 4)],
  ])('500 characters are counted as people count them: %s', (_name, character) => {
    const question = character.repeat(500);
    expect(prompts({ kind: 'ask', question, language: 'en' })[1]).toBe(question);
    expect(() => prompts({ kind: 'ask', question: question + character, language: 'en' })).toThrow(/500/);
    expect(prompts(detect(character.repeat(64)))[0]).toBe(`detect ${character.repeat(64)}`.toLowerCase());
    expect(() => prompts(detect(character.repeat(65)))).toThrow(/64/);
  });

  test('a character with marks without end is too long', () => {
    const pile = `a${'\u0301'.repeat(2000)}`;
    expect(() => prompts({ kind: 'ask', question: pile, language: 'en' })).toThrow(/500/);
    expect(() => prompts(detect(pile))).toThrow(/64/);
  });

  test('a question of 500 characters is still asked', () => {
    expect(prompts({ kind: 'ask', question: 'a'.repeat(500), language: 'en' })[1]).toHaveLength(500);
  });
});
