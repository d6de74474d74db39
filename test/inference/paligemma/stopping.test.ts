import { describe, expect, test } from 'vitest';
import { repeatedTail } from '../../../src/inference/paligemma/stopping.js';

const times = (count: number, ...tokens: number[]): number[] =>
  Array.from({ length: count }, () => tokens).flat();
const upTo = (end: number): number[] => Array.from({ length: end }, (_, i) => 1000 + i);

describe('the tail that only repeats', () => {
  test.each([
    ['one token 24 times: all but the first', times(24, 7), 23],
    ['one token 23 times goes on', times(23, 7), 0],
    ['a run of 6 four times', [1, 2, ...times(4, 10, 11, 12, 13, 14, 15)], 18],
    ['a run of 6 thrice goes on', [1, 2, ...times(3, 10, 11, 12, 13, 14, 15)], 0],
    ['a sentence of 40 tokens four times', times(4, ...upTo(40)), 120],
    ['a sentence of 40 tokens thrice goes on', times(3, ...upTo(40)), 0],
    ['a loop caught in the middle of a round', [...times(4, 1, 2, 3, 4, 5, 6, 7), 1, 2], 23],
    ['a loop that has ended', [...times(10, 1, 2, 3), 9], 0],
    ['words without a loop', upTo(400), 0],
    ['nothing', [], 0],
  ])('%s', (_name, tokens, repeated) => {
    expect(repeatedTail(tokens)).toBe(repeated);
  });
});
