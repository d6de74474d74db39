import { expect, test } from 'vitest';
import { withLargePages } from '../../../src/inference/worker/large-pages.js';

test('asks for large pages and leaves the rest of the environment', () => {
  expect(withLargePages({ PATH: '/bin' })).toEqual({
    PATH: '/bin',
    GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
  });
});

test("keeps an owner's own tunables", () => {
  expect(withLargePages({ GLIBC_TUNABLES: 'glibc.malloc.arena_max=2' })).toEqual({
    GLIBC_TUNABLES: 'glibc.malloc.arena_max=2:glibc.malloc.hugetlb=1',
  });
});
