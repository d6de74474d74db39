import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { QuantiseThreads } from '../../src/checkpoints/quantise-threads.js';
import { TSX } from '../support/run-cli.js';

const CHILD = fileURLToPath(new URL('../support/quantise-child.ts', import.meta.url));

test('a thread makes of weights what is made of them on the spot, takes them over, and keeps no process alive', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', TSX, CHILD]);
  const results = JSON.parse(stdout) as { inThread: string[]; here: string[]; left: number }[];
  expect(results.map(({ here }) => here.length)).toEqual([2, 3, 3]);
  for (const { inThread, here, left } of results) {
    expect(inThread).toEqual(here);
    // With one core there is no thread to give them to.
    expect(left).toBe(availableParallelism() === 1 ? 400_000 : 0);
  }
});

test('where a thread can not load its code, every part fails and none waits without end', async () => {
  const threads = new QuantiseThreads(new URL('./no-such-thread.js', import.meta.url));
  const part = (): Promise<unknown> =>
    threads.run(new Float32Array(128), { bits: 8, block: 128, columns: 128, storedColumns: 128 });
  const together = await Promise.allSettled([part(), part(), part(), part()]);
  expect(together.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
  await expect(part()).rejects.toThrow('no-such-thread');
});
