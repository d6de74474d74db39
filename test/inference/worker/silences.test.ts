import { expect, test } from 'vitest';
import { Silences } from '../../../src/inference/worker/silences.js';

const SECOND = 1000;
const LEAST = 20 * SECOND;

test.each([
  { limit: 300, grace: 120 },
  { limit: 60, grace: 60 },
  { limit: 5, grace: 20 },
])('while no pass was seen, a job of $limit s may go on for $grace s', ({ limit, grace }) => {
  expect(new Silences().graceAfter(limit * SECOND, LEAST)).toBe(grace * SECOND);
});

test('a slow machine gets twice its longest silence, a fast one what is least', () => {
  const silences = new Silences();
  silences.add(27 * SECOND);
  silences.add(3 * SECOND);
  expect(silences.graceAfter(10 * SECOND, LEAST)).toBe(54 * SECOND);
  for (let job = 0; job < 25; job++) {
    silences.add(2 * SECOND);
  }
  // It was busy with something else.
  expect(silences.graceAfter(300 * SECOND, LEAST)).toBe(LEAST);
});
