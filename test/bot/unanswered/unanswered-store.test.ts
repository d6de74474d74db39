import { ClassicLevel } from 'classic-level';
import { cp, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino, type Logger } from 'pino';
import { expect, test } from 'vitest';
import type { UnansweredRequest } from '../../../src/bot/unanswered/unanswered-request.js';
import { UnansweredStore } from '../../../src/bot/unanswered/unanswered-store.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { unansweredRequest } from '../../support/unanswered-requests.js';

function recordingLog(): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  return { log: pino({}, { write: (line: string) => lines.push(line) }), lines };
}

const { log: silent } = recordingLog();

/** The files of a store that nobody has closed. @returns where they lie */
async function storeOfDeadBot(folder: string, requests: readonly UnansweredRequest[]): Promise<string> {
  const live = await temporaryFolder();
  const store = await UnansweredStore.open(live, silent);
  for (const request of requests) {
    await store.keep(request);
  }
  await cp(live, folder, { recursive: true });
  await store.close();
  return join(folder, 'unanswered');
}

async function everythingIn(folder: string): Promise<string> {
  const location = join(folder, 'unanswered');
  const names = await readdir(location);
  const texts = await Promise.all(names.map((name) => readFile(join(location, name), 'latin1')));
  return texts.join('\n');
}

test('what is kept is there after the store was opened again, in the order in which it came', async () => {
  const folder = await temporaryFolder();
  const store = await UnansweredStore.open(folder, silent);
  const requests = ['990000000000000000', '1100000000000000000', '1100000000000000001'].map((id) =>
    unansweredRequest({ id }),
  );
  await Promise.all([...requests].reverse().map((request) => store.keep(request)));
  await store.close();
  const again = await UnansweredStore.open(folder, silent);
  expect(await again.all()).toEqual(requests);
  await again.close();
});

test('what is forgotten is gone, and what is kept again is changed', async () => {
  const folder = await temporaryFolder();
  const store = await UnansweredStore.open(folder, silent);
  await store.keep(unansweredRequest({ id: '1' }));
  await store.keep(unansweredRequest({ id: '2' }));
  await store.forget('1');
  await store.keep(unansweredRequest({ id: '2', starts: 1 }));
  expect((await store.all()).map(({ id, starts }) => [id, starts])).toEqual([['2', 1]]);
  await store.close();
});

test('after a clean end nothing of a request that was answered is left on the disk', async () => {
  const folder = await temporaryFolder();
  const store = await UnansweredStore.open(folder, silent);
  const request = unansweredRequest();
  await store.keep(request);
  expect(await everythingIn(folder)).toContain(request.token);
  await store.forget(request.id);
  await store.close();
  expect(await readdir(folder)).toEqual([]);
});

test('two hundred requests at once are flushed to the disk together', async () => {
  const folder = await temporaryFolder();
  const store = await UnansweredStore.open(folder, silent);
  const ids = Array.from({ length: 200 }, (_, index) => `${1_000_000_000 + index}`);
  await Promise.all(ids.map((id) => store.keep(unansweredRequest({ id }))));
  expect((await store.all()).map(({ id }) => id)).toEqual(ids);
  await store.close();
});

test('a request that an older or a newer Glimpse has written otherwise is forgotten, and the others are not', async () => {
  const folder = await temporaryFolder();
  const location = join(folder, 'unanswered');
  await mkdir(location, { recursive: true });
  const database = new ClassicLevel<string, unknown>(location, { valueEncoding: 'json' });
  await database.put('1', { id: '1', words: 'in another form' });
  await database.close();
  const { log, lines } = recordingLog();
  const store = await UnansweredStore.open(folder, log);
  await store.keep(unansweredRequest({ id: '2' }));
  expect((await store.all()).map(({ id }) => id)).toEqual(['2']);
  expect(lines.join('')).toContain('can not be read');
  await store.close();
});

test('only the owner of the process may look into the folder', async () => {
  const folder = await temporaryFolder();
  const store = await UnansweredStore.open(folder, silent);
  expect((await stat(join(folder, 'unanswered'))).mode & 0o777).toBe(0o700);
  await store.close();
});

test('a store that another bot holds is done without, and the owner is told how to mend it', async () => {
  const folder = await temporaryFolder();
  const first = await UnansweredStore.open(folder, silent);
  const { log, lines } = recordingLog();
  const second = await UnansweredStore.open(folder, log);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('give each a folder of its own');
  await second.keep(unansweredRequest());
  expect(await second.all()).toEqual([]);
  await Promise.all([first.close(), second.close()]);
});

test.each([
  ['the note of its current files is overwritten', 'CURRENT', (): string => 'nonsense\n'],
  ['the note of its current files is empty', 'CURRENT', (): string => ''],
  ['the list of its files is overwritten', 'MANIFEST', (): string => 'nonsense'],
])('a damaged store is repaired: %s', async (_name, file, content) => {
  const folder = await temporaryFolder();
  const location = await storeOfDeadBot(folder, [unansweredRequest()]);
  const names = (await readdir(location)).filter((name) => name.startsWith(file));
  await Promise.all(names.map((name) => writeFile(join(location, name), content())));
  const { log, lines } = recordingLog();
  const store = await UnansweredStore.open(folder, log);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('has been repaired');
  expect((await store.all()).map(({ id }) => id)).toEqual([unansweredRequest().id]);
  await store.forget(unansweredRequest().id);
  await store.close();
  expect(await readdir(folder)).toEqual([]);
});

test('of a store whose last write was torn by a power cut, all before it is there', async () => {
  const folder = await temporaryFolder();
  const ids = Array.from({ length: 5 }, (_, index) => `${1_000_000_000 + index}`);
  const location = await storeOfDeadBot(
    folder,
    ids.map((id) => unansweredRequest({ id })),
  );
  const name = (await readdir(location)).find((candidate) => candidate.endsWith('.log')) ?? '';
  const { size } = await stat(join(location, name));
  await truncate(join(location, name), size - 10);
  const { log, lines } = recordingLog();
  const store = await UnansweredStore.open(folder, log);
  expect((await store.all()).map(({ id }) => id)).toEqual(ids.slice(0, -1));
  expect(lines).toEqual([]);
  await store.close();
});

test('a folder that can not be made is done without', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'file'), '');
  const { log, lines } = recordingLog();
  const store = await UnansweredStore.open(join(folder, 'file'), log);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('the bot runs without it');
  await store.close();
});
