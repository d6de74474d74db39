import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RecentPictures } from '../../src/bot/recent-pictures.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
  // The time 0 means to lru-cache that there is none.
  vi.advanceTimersByTime(1);
});

afterEach(() => {
  vi.useRealTimers();
});

/** A picture of `length` bytes, whose content is its letter. */
function picture(letter: string, length = 10): { bytes: Uint8Array; spoiler: boolean } {
  return { bytes: new Uint8Array(length).fill(letter.charCodeAt(0)), spoiler: false };
}

test('a picture is recalled by its message, with all that was known of it', () => {
  const recent = new RecentPictures<{ bytes: Uint8Array; spoiler: boolean; name: string }>();
  const kept = { ...picture('a'), spoiler: true, name: 'cat.png' };
  recent.remember('1', kept);
  expect(recent.recall('1')).toStrictEqual(kept);
  expect(recent.recall('2')).toBeUndefined();
});

test('the same bytes are kept once, however many messages they belong to', () => {
  const recent = new RecentPictures({ maxBytes: 25 });
  recent.remember('1', { ...picture('a'), spoiler: true });
  recent.remember('2', picture('a'));
  recent.remember('3', picture('a'));
  recent.remember('4', picture('b'));
  expect(recent.recall('1')?.spoiler).toBe(true);
  expect(recent.recall('3')?.spoiler).toBe(false);
  expect(recent.recall('1')?.bytes).toBe(recent.recall('3')?.bytes);
  expect(recent.recall('4')).toBeDefined();
});

test('when the room is used up, the picture goes that was not asked for the longest', () => {
  const recent = new RecentPictures({ maxBytes: 25 });
  recent.remember('1', picture('a'));
  recent.remember('2', picture('b'));
  recent.recall('1');
  recent.remember('3', picture('c'));
  expect(recent.recall('2')).toBeUndefined();
  expect(recent.recall('1')).toBeDefined();
  expect(recent.recall('3')).toBeDefined();
});

test('a picture larger than all the room is not kept, and drives no other out', () => {
  const recent = new RecentPictures({ maxBytes: 25 });
  recent.remember('1', picture('a'));
  recent.remember('2', picture('b', 26));
  expect(recent.recall('2')).toBeUndefined();
  expect(recent.recall('1')).toBeDefined();
});

test('after 15 minutes a picture is forgotten, though it was asked for in between', () => {
  const recent = new RecentPictures();
  recent.remember('1', picture('a'));
  vi.advanceTimersByTime(14 * 60_000);
  expect(recent.recall('1')).toBeDefined();
  vi.advanceTimersByTime(61_000);
  expect(recent.recall('1')).toBeUndefined();
});

test('a further answer about a picture keeps it for its own 15 minutes', () => {
  const recent = new RecentPictures();
  recent.remember('1', picture('a'));
  vi.advanceTimersByTime(14 * 60_000);
  recent.remember('2', picture('a'));
  vi.advanceTimersByTime(2 * 60_000);
  expect(recent.recall('1')).toBeUndefined();
  expect(recent.recall('2')).toBeDefined();
});

test('forgotten pictures give their memory back without being asked for', () => {
  const recent = new RecentPictures({ maxAge: 1000 });
  recent.remember('1', picture('a'));
  expect(vi.getTimerCount()).toBeGreaterThan(0);
  vi.advanceTimersByTime(1100);
  expect(vi.getTimerCount()).toBe(0);
});
