import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
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
