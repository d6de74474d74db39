import { expect, test } from 'vitest';
import { RateLimit } from '../../src/playground/rate-limit.js';

function limitAt(clock: { now: number }): RateLimit {
  return new RateLimit({ burst: 2, perSecond: 0.5, now: () => clock.now });
}

test('as many pass at once as may, and the next is told how long to wait', () => {
  const limit = limitAt({ now: 0 });
  expect([1, 2, 3].map(() => limit.use('a'))).toEqual([0, 0, 2]);
});

test('who has waited passes again, and never more at once than may', () => {
  const clock = { now: 0 };
  const limit = limitAt(clock);
  limit.use('a');
  limit.use('a');
  clock.now = 1000;
  expect(limit.use('a')).toBe(1);
  clock.now = 2000;
  expect(limit.use('a')).toBe(0);
  clock.now = 1_000_000;
  expect([1, 2, 3].map(() => limit.use('a'))).toEqual([0, 0, 2]);
});

test('visitors are counted apart', () => {
  const limit = limitAt({ now: 0 });
  limit.use('a');
  limit.use('a');
  expect(limit.use('b')).toBe(0);
});

test('who was away for the longest is forgotten when there are too many', () => {
  const limit = limitAt({ now: 0 });
  limit.use('first');
  limit.use('first');
  for (let visitor = 0; visitor < 1000; visitor++) {
    limit.use(String(visitor));
  }
  expect(limit.use('first')).toBe(0);
});
