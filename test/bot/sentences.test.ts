import { expect, test } from 'vitest';
import { FileHostError } from '../../src/bot/file-host-errors.js';
import { endingOf, sentenceOf } from '../../src/bot/sentences.js';
import { WorkerAwayError, WorkerDiedError } from '../../src/inference/worker/worker-inference.js';
import { translateTo } from '../../src/locales/locales.js';

const exit = { exitCode: null, signal: 'SIGKILL' } as const;
const english = translateTo('en-US');

test.each([
  [new WorkerDiedError(exit), 'The model stopped twice on this picture, so I gave up on it.'],
  [
    new WorkerAwayError(exit),
    'The model is not running right now; it is being started again. Please try again later.',
  ],
  [
    new TypeError('undefined is not a function'),
    'Something went wrong on my side, and it has been noted. Please try again.',
  ],
])('%s is a fault of ours, of which the member hears no more than that', (error, sentence) => {
  expect(endingOf(error)).toBe('fault');
  expect(sentenceOf(error, english)).toBe(sentence);
});

test.each(['busy', 'failing', 'unreachable', 'refusing'] as const)(
  'a host of pictures that is %s is told as that, and not as a fault of ours',
  (problem) => {
    const error = new FileHostError(problem, 'The picture could not be downloaded from cdn.example.org.');
    expect(endingOf(error)).toBe('host_failed');
    expect(sentenceOf(error, english)).toMatch(/^The place where this picture is stored /);
  },
);
