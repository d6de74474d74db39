import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { convertCheckpoint } from '../../src/checkpoints/convert.js';
import { holdFolder } from '../../src/checkpoints/folder-lock.js';
import { UserError } from '../../src/errors.js';
import { runCli } from '../support/run-cli.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { writeTinyCheckpoint } from '../support/tiny-checkpoint.js';

const place = async (): Promise<string> => join(await temporaryFolder(), 'models', 'model');
const lockOf = (folder: string): string => join(dirname(folder), '.model.lock');

/** What the lock of a folder says while it is held. */
async function lockText(folder: string): Promise<string> {
  return holdFolder(folder, () => readFile(lockOf(folder), 'utf8'));
}

/** The number of a process that has ended. */
async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? 0;
}

test('of two at a time the second is told who is at work, and the first is not disturbed', async () => {
  const folder = await place();
  const first = holdFolder(folder, async () => {
    await expect(holdFolder(folder, () => Promise.resolve())).rejects.toThrow(
      `Another Glimpse (process ${process.pid}) is at work on ${folder}: wait until it is done, or end it.`,
    );
    await access(lockOf(folder));
    return 'done';
  });
  expect(await first).toBe('done');
  expect(await readdir(dirname(folder))).toEqual([]);
  await expect(holdFolder(folder, () => Promise.resolve('again'))).resolves.toBe('again');
});

test('many at a time are one after all', async () => {
  const folder = await place();
  let [running, most] = [0, 0];
  const work = async (): Promise<void> => {
    most = Math.max(most, ++running);
    await new Promise((go) => setTimeout(go, 20));
    running--;
  };
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => holdFolder(folder, work)));
  expect(most).toBe(1);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await readdir(dirname(folder))).toEqual([]);
});

test('a folder is the same by every path to it, and two folders are two', async () => {
  const folder = await place();
  await mkdir(folder, { recursive: true });
  const link = join(await temporaryFolder(), 'link');
  await symlink(folder, link);
  await holdFolder(link, async () => {
    await expect(holdFolder(folder, () => Promise.resolve())).rejects.toBeInstanceOf(UserError);
    await expect(holdFolder(`${folder}-2`, () => Promise.resolve(1))).resolves.toBe(1);
  });
});

test('work that fails gives the folder back', async () => {
  const folder = await place();
  await expect(holdFolder(folder, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(holdFolder(folder, () => Promise.resolve(1))).resolves.toBe(1);
});

test.each<[string, (text: string) => Promise<string>, number]>([
  [
    'of a process that died',
    async (text) => text.replace(/"process":\d+/, `"process":${await deadProcess()}`),
    0,
  ],
  // Its number is that of this process now, as it happens in a container that is started again.
  ['of a process whose number another has now', (text) => Promise.resolve(text), 0],
  [
    'of another machine that has been silent for long',
    (text) => Promise.resolve(text.replace(/"machine":"[^"]*"/, '"machine":"elsewhere"')),
    120,
  ],
  ['that was never written to its end', () => Promise.resolve('{'), 120],
])('a lock %s holds nobody back', async (_name, change, age) => {
  const folder = await place();
  await writeFile(lockOf(folder), await change(await lockText(folder)));
  const then = new Date(Date.now() - age * 1000);
  await utimes(lockOf(folder), then, then);
  await expect(holdFolder(folder, () => Promise.resolve(1))).resolves.toBe(1);
  expect(await readdir(dirname(folder))).toEqual([]);
});

test.each<[string, (text: string) => string]>([
  ['of another process', (text) => text.replace(/"process":\d+/, `"process":${process.ppid}`)],
  ['of another machine', (text) => text.replace(/"machine":"[^"]*"/, '"machine":"elsewhere"')],
  ['that is just being written', () => ''],
])('a lock %s that is fresh is kept', async (_name, change) => {
  const folder = await place();
  const text = change(await lockText(folder));
  await writeFile(lockOf(folder), text);
  await expect(holdFolder(folder, () => Promise.resolve())).rejects.toThrow(
    /^Another Glimpse.* is at work on/,
  );
  expect(await readFile(lockOf(folder), 'utf8')).toBe(text);
});

test('of two conversions into one folder the second is refused, and the first is whole', async () => {
  const to = await place();
  const from = join(dirname(dirname(to)), 'checkpoint');
  await writeTinyCheckpoint(from);
  const both = await Promise.allSettled([
    convertCheckpoint({ from, to, dtype: 'q8' }),
    convertCheckpoint({ from, to, dtype: 'q4' }),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { name: 'UserError' } });
  expect(await readdir(dirname(to))).toEqual(['model']);
});

test('a model that another process is at work on is not removed', async () => {
  const to = await place();
  const from = join(dirname(dirname(to)), 'checkpoint');
  await writeTinyCheckpoint(from);
  await convertCheckpoint({ from, to, dtype: 'q8' });
  await holdFolder(to, async () => {
    const removed = await runCli(['model', 'remove', 'model', '--yes'], dirname(to), { MODELS: dirname(to) });
    expect(removed).toMatchObject({ status: 2, stderr: expect.stringContaining('is at work on') as string });
    await access(join(to, 'config.json'));
  });
});
