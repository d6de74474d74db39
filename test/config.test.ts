import { expect, test } from 'vitest';
import { DEMO_MODEL, readConfig } from '../src/config.js';
import { UserError } from '../src/errors.js';

test('without any setting the demo answers on the CPU', () => {
  expect(readConfig({})).toStrictEqual({
    model: DEMO_MODEL,
    dtype: undefined,
    provider: 'cpu',
    threads: undefined,
  });
});

test('settings are read, and an empty one counts as not set', () => {
  expect(readConfig({ MODEL: '/models/3b', DTYPE: 'q4', PROVIDER: 'webgpu', THREADS: '' })).toStrictEqual({
    model: '/models/3b',
    dtype: 'q4',
    provider: 'webgpu',
    threads: undefined,
  });
  expect(readConfig({ THREADS: '6' }).threads).toBe(6);
});

test('every mistake is told in a line of its own', () => {
  const wrong = { DTYPE: 'q3', PROVIDER: 'cuda', THREADS: 'many' };
  expect(() => readConfig(wrong)).toThrow(UserError);
  expect(() => readConfig(wrong)).toThrow(
    [
      'DTYPE must be one of fp32, fp16, q8, q4.',
      'PROVIDER must be one of cpu, webgpu.',
      'THREADS must be a whole number from 1 to 256.',
    ].join('\n'),
  );
});
