import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bytesThere, download, type Download } from '../../../src/checkpoints/hub/download.js';
import { PIECE } from '../../../src/checkpoints/hub/pieces.js';
import { addressOf } from '../../../src/checkpoints/hub/repository.js';
import type { Fault } from '../../support/hub/fault.js';
import { LoopbackHub, REVISION, sha256 } from '../../support/hub/loopback-hub.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const NAME = 'google/model';
/** Two whole pieces and a part of a third. */
const BYTES = Buffer.alloc(2.25 * PIECE);
for (let at = 0; at < BYTES.length; at += 1009) {
  BYTES[at] = at % 251;
}

let hub: LoopbackHub;

beforeEach(async () => {
  hub = await LoopbackHub.start();
  hub.addRepository(NAME, { 'model.safetensors': BYTES });
});

afterEach(async () => {
  expect(hub.violations).toEqual([]);
  await hub.close();
});

async function options(change: Partial<Download> = {}): Promise<Download> {
  const client = hub.client(hub.acceptedToken);
  const file = {
    path: 'model.safetensors',
    size: BYTES.length,
    digest: { kind: 'sha256', value: sha256(BYTES) },
  } as const;
  return {
    hub: client,
    repository: NAME,
    address: addressOf(client, { name: NAME, revision: REVISION, files: [] }, 'model.safetensors'),
    file,
    to: join(await temporaryFolder(), 'model.safetensors'),
    ...change,
  };
}

async function expectWhole({ to }: Download): Promise<void> {
  expect((await readFile(to)).equals(BYTES)).toBe(true);
  expect(await readdir(join(to, '..'))).toEqual(['model.safetensors']);
}

test('a file comes in pieces, from the second host without the token, and what is told of it adds up', async () => {
  let told = 0;
  const wanted = await options({ onBytes: (bytes) => (told += bytes) });
  await download(wanted);
  await expectWhole(wanted);
  expect(told).toBe(BYTES.length);
  const [first, last] = [`bytes=0-${PIECE - 1}`, `bytes=${2 * PIECE}-${BYTES.length - 1}`];
  expect(new Set(hub.rangesOf('model.safetensors'))).toEqual(
    new Set([first, `bytes=${PIECE}-${2 * PIECE - 1}`, last]),
  );
  expect(hub.requests.filter(({ host }) => host === 'storage')).toHaveLength(3);
});

test.each<[string, Fault]>([
  ['is cut', { kind: 'cut', after: 100_000 }],
  ['stalls', { kind: 'stall', after: 100_000 }],
  ['answers 429', { kind: 'status', status: 429 }],
  ['answers 503', { kind: 'status', status: 503 }],
  ['answers 500', { kind: 'status', status: 500 }],
  ['answers 416', { kind: 'status', status: 416 }],
  ['says that the address is too old', { kind: 'status', status: 403 }],
  ['brings too much', { kind: 'tooLong' }],
  ['brings another range', { kind: 'wrongRange' }],
])('a connection that %s is tried again', async (_name, fault) => {
  hub.fail('model.safetensors', fault, 2);
  let told = 0;
  const wanted = await options({ onBytes: (bytes) => (told += bytes) });
  await download(wanted);
  await expectWhole(wanted);
  expect(told).toBe(BYTES.length);
});

test('a connection that was cut goes on from where it was', async () => {
  hub.fail('model.safetensors', { kind: 'cut', after: 100_000 });
  await download(await options());
  const starts = hub.rangesOf('model.safetensors').map((range) => Number(/\d+/.exec(range)?.[0]));
  expect(starts.filter((start) => start % PIECE !== 0)).toHaveLength(1);
});

test('a pause that the server asks for is kept', async () => {
  hub.fail('model.safetensors', { kind: 'status', status: 429, headers: { 'retry-after': '1' } });
  const started = performance.now();
  await download(await options());
  expect(performance.now() - started).toBeGreaterThan(950);
});

test('a server that knows no ranges gives the file all the same', async () => {
  hub.fail('model.safetensors', { kind: 'ignoresRange' }, 100);
  let told = 0;
  const wanted = await options({ onBytes: (bytes) => (told += bytes) });
  await download(wanted);
  await expectWhole(wanted);
  expect(told).toBe(BYTES.length);
});

test('a wrong byte lets the file be fetched once more, and a second one is told', async () => {
  hub.fail('model.safetensors', { kind: 'wrongByte' });
  const wanted = await options();
  await download(wanted);
  await expectWhole(wanted);

  hub.fail('model.safetensors', { kind: 'wrongByte' }, 6);
  const spoilt = await options();
  await expect(download(spoilt)).rejects.toThrow(
    'model.safetensors of google/model came twice with other bytes',
  );
  expect(await readdir(join(spoilt.to, '..'))).toEqual([]);
});

test('of a file that has not come yet nothing takes room', async () => {
  const { to, file } = await options();
  expect(await bytesThere(to, file)).toBe(0);
});

test('an interrupted download goes on later with what is missing', async () => {
  const wanted = await options();
  const leaving = new AbortController();
  let come = 0;
  const interrupted = download({
    ...wanted,
    signal: leaving.signal,
    onBytes: (bytes) => {
      come += bytes;
      if (come > 2 * PIECE) {
        leaving.abort(new Error('interrupted'));
      }
    },
  });
  await expect(interrupted).rejects.toThrow('interrupted');
  // What has come takes no more room on the disk.
  expect(await bytesThere(wanted.to, wanted.file)).toBeGreaterThanOrEqual(PIECE / 4);
  const before = hub.requests.length;
  await download(wanted);
  await expectWhole(wanted);
  expect(await bytesThere(wanted.to, wanted.file)).toBe(BYTES.length);
  const again = hub.requests.slice(before).filter(({ host }) => host === 'storage');
  expect(again.length).toBeLessThan(3);
});

test('a server that stays away is given up with a sentence', async () => {
  hub.fail('model.safetensors', { kind: 'status', status: 502 }, 100);
  await expect(download(await options())).rejects.toThrow(/answers with 502\. It was tried 4 times/);
});

test('a file that is there and whole is not fetched again, and one that is not is', async () => {
  const wanted = await options();
  await writeFile(wanted.to, BYTES);
  await download(wanted);
  expect(hub.requests).toEqual([]);
  await writeFile(wanted.to, BYTES.subarray(1));
  await download(wanted);
  await expectWhole(wanted);
});
