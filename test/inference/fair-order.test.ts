import { expect, test } from 'vitest';
import { FairOrder } from '../../src/inference/fair-order.js';

/** Adds jobs as `a1`, `a2`, `b1`: the letter is the requester. */
function orderOf(...jobs: string[]): FairOrder<string> {
  const order = new FairOrder<string>();
  jobs.forEach((job) => {
    order.add(job.charAt(0), job);
  });
  return order;
}

function takeAll(order: FairOrder<string>): (string | undefined)[] {
  return Array.from({ length: order.size }, () => order.take());
}

test('requesters take turns, in the order in which they came, each with their jobs in order', () => {
  const order = orderOf('a1', 'a2', 'a3', 'b1', 'b2', 'c1');
  expect(takeAll(order)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  expect(order.take()).toBeUndefined();
});

test('a first job goes ahead of all but the running one of ten that came before', () => {
  const order = orderOf(...Array.from({ length: 10 }, (_, index) => `a${index + 1}`));
  expect(order.take()).toBe('a1');
  order.add('b', 'b1');
  expect(order.items().slice(0, 3)).toEqual(['b1', 'a2', 'a3']);
});

test('who has just been served stands behind who has not', () => {
  const order = orderOf('a1');
  order.take();
  order.add('a', 'a2');
  order.add('b', 'b1');
  expect(takeAll(order)).toEqual(['b1', 'a2']);
});

test('nobody waits for ever behind a stream of newcomers', () => {
  const order = orderOf('a1', 'a2');
  order.take();
  let newcomers = 0;
  for (let next: string | undefined = ''; next !== 'a2'; next = order.take()) {
    order.add(`newcomer ${newcomers++}`, 'new');
    expect(newcomers).toBeLessThan(10);
  }
});

test('taking turns makes nobody owe more than one: an absence is no credit', () => {
  const order = orderOf('a1', 'a2', 'a3', 'a4', 'a5', 'a6');
  for (let served = 0; served < 4; served++) {
    order.take();
  }
  ['b1', 'b2', 'b3'].forEach((job) => {
    order.add('b', job);
  });
  expect(takeAll(order)).toEqual(['b1', 'a5', 'b2', 'a6', 'b3']);
});

test('a job that is removed lets those behind it in its line move up', () => {
  const order = orderOf('a1', 'a2', 'a3', 'b1', 'b2');
  order.remove('a', 'a1');
  order.remove('a', 'a2');
  expect(order.items()).toEqual(['a3', 'b1', 'b2']);
  order.remove('c', 'c1');
  expect(order.size).toBe(3);
});

test('says who would be ahead of a new job', () => {
  const order = orderOf('a1', 'a2', 'a3', 'b1');
  expect(order.ahead('c')).toEqual(['a1', 'b1']);
  expect(order.ahead('b')).toEqual(['a1', 'b1', 'a2']);
  expect(order.ahead('a')).toEqual(['a1', 'b1', 'a2', 'a3']);
});

test('when all is done, nobody owes anybody a turn', () => {
  const order = orderOf('a1', 'a2');
  takeAll(order);
  order.startAfresh();
  order.add('a', 'a3');
  order.add('b', 'b1');
  expect(takeAll(order)).toEqual(['a3', 'b1']);
});
