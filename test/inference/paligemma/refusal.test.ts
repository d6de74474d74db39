import { describe, expect, test } from 'vitest';
import { isRefusal, mayBecomeRefusal } from '../../../src/inference/paligemma/refusal.js';

const question = { prompt: 'answer en what', isQuestion: true };
const task = { prompt: 'ocr', isQuestion: false };

describe('a refusal', () => {
  test.each([
    ['Sorry, as a base VLM I am not trained to answer this question.', task, true],
    ['sorry, as a base vlm i am not trained to answer this question', question, true],
    [' Sorry, as a base VLM I am not trained to answer this question.\n', question, true],
    ['unanswerable', question, true],
    ['Unanswerable.', question, true],
    // On a picture of that word.
    ['unanswerable', task, false],
    ['an unanswerable question', question, false],
    ['Sorry, we are closed', task, false],
    ['no', question, false],
    ['', question, false],
  ])('%j to %j: %s', (text, phrasing, refused) => {
    expect(isRefusal(text, phrasing)).toBe(refused);
  });
});

describe('an answer is not shown while it may become a refusal', () => {
  test.each([
    ['', task, true],
    ['Sor', task, true],
    ['Sorry, as a base', question, true],
    ['unans', question, true],
    ['unans', task, false],
    ['Sorry, we', task, false],
    ['a cat', question, false],
  ])('%j to %j: %s', (text, phrasing, mayBecome) => {
    expect(mayBecomeRefusal(text, phrasing)).toBe(mayBecome);
  });
});
