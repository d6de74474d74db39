import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRepository } from '../../../src/checkpoints/hub/repository.js';
import { LoopbackHub, REVISION, sha256 } from '../../support/hub/loopback-hub.js';

const NAME = 'google/paligemma2-3b-mix-448';
const LARGE = Buffer.alloc(100_000, 7);

let hub: LoopbackHub;

beforeEach(async () => {
  hub = await LoopbackHub.start();
});

afterEach(async () => {
  expect(hub.violations).toEqual([]);
  await hub.close();
});

test('the files of the newest commit are known with their sizes and digests', async () => {
  hub.addRepository(NAME, { 'config.json': Buffer.from('{}'), 'onnx/a.onnx_data': LARGE });
  expect(await readRepository(hub.client(), NAME)).toEqual({
    name: NAME,
    revision: REVISION,
    files: [
      {
        path: 'config.json',
        size: 2,
        // What `git hash-object` says of these two bytes.
        digest: { kind: 'git', value: '9e26dfeeb6e641a33dae4961196235bdb965b21b' },
      },
      { path: 'onnx/a.onnx_data', size: 100_000, digest: { kind: 'sha256', value: sha256(LARGE) } },
    ],
  });
});

test('paths that lead out of a folder are passed over', async () => {
  const evil = ['../outside', '/etc/passwd', 'a/../../b', 'c:\\windows', 'a/./b'];
  hub.addRepository(
    NAME,
    Object.fromEntries(['config.json', ...evil].map((path) => [path, Buffer.from('{}')])),
  );
  const { files } = await readRepository(hub.client(), NAME);
  expect(files.map(({ path }) => path)).toEqual(['config.json']);
});

test.each([429, 500, 502, 503, 504])('a hub that answers %d at first is asked again', async (status) => {
  hub.addRepository(NAME, { 'config.json': Buffer.from('{}') });
  hub.fail('info', { kind: 'status', status });
  hub.fail('tree', { kind: 'status', status });
  expect((await readRepository(hub.client(), NAME)).files).toHaveLength(1);
});

test('a repository that is not there is told in a sentence, with and without a token', async () => {
  await expect(readRepository(hub.client(), NAME)).rejects.toThrow(
    `${hub.endpoint} has no ${NAME} that may be read without HF_TOKEN.`,
  );
  await expect(readRepository(hub.client(hub.acceptedToken), NAME)).rejects.toThrow(
    `${hub.endpoint} has no ${NAME} that may be read.`,
  );
});

test('a token that is not accepted is told in a sentence that does not show it', async () => {
  hub.addRepository(NAME, { 'config.json': Buffer.from('{}') });
  const error: unknown = await readRepository(hub.client('hf_wrong'), NAME).catch((cause: unknown) => cause);
  expect(String(error)).toBe(`UserError: ${hub.endpoint} does not accept HF_TOKEN.`);
});

test('a hub that is not there is told in a sentence', async () => {
  const client = { ...hub.client(), endpoint: 'http://127.0.0.1:9' };
  await expect(readRepository(client, NAME)).rejects.toThrow("127.0.0.1:9 can't be reached.");
});

test.each(['paligemma2', 'a/b/c', '../x', 'a/..', 'https://huggingface.co/a/b', ''])(
  '"%s" is no name of a repository',
  async (name) => {
    await expect(readRepository(hub.client(), name)).rejects.toThrow("is no repository's name");
    expect(hub.requests).toEqual([]);
  },
);
