import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { download } from '../../../src/checkpoints/hub/download.js';
import type { Hub } from '../../../src/checkpoints/hub/hub.js';
import { PassingError } from '../../../src/checkpoints/hub/passing-error.js';
import { addressOf, readRepository } from '../../../src/checkpoints/hub/repository.js';
import { unreachable } from '../../../src/checkpoints/hub/unreachable.js';
import { UserError } from '../../../src/errors.js';
import type { Fault } from '../../support/hub/fault.js';
import { LoopbackHub, REVISION, sha256 } from '../../support/hub/loopback-hub.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const NAME = 'google/paligemma2-3b-mix-448';
const SMALL = Buffer.from('{"model_type":"paligemma"}');
const LARGE = Buffer.alloc(100_000, 7);

let hub: LoopbackHub;
let mirror: LoopbackHub;

beforeEach(async () => {
  hub = await LoopbackHub.start();
  mirror = await LoopbackHub.start();
  mirror.sendsOnTo = hub.endpoint;
});

afterEach(async () => {
  for (const one of [hub, mirror]) {
    expect(one.violations).toEqual([]);
    await one.close();
  }
});

/** Downloads a file of the repository. */
async function fetchFile(client: Hub, path: string, bytes: Buffer): Promise<Buffer> {
  const git = 'd18318b5a1a2bd2fdbe6d4f0e4eca6ac69d9a2b3';
  const digest = { kind: 'sha256', value: bytes === LARGE ? sha256(LARGE) : git } as const;
  const address = addressOf(client, { name: NAME, revision: REVISION, files: [] }, path);
  const to = join(await temporaryFolder(), path);
  await download({ hub: client, repository: NAME, address, file: { path, size: bytes.length, digest }, to });
  return readFile(to);
}

/** How often a hub was asked. */
const asked = (): number => hub.requests.length;

describe('a mirror that sends on to another hub', () => {
  test('serves what everybody may have', async () => {
    hub.addRepository(NAME, { 'config.json': SMALL, 'model.safetensors': LARGE });
    const client = mirror.client(mirror.acceptedToken);
    expect((await readRepository(client, NAME)).files).toHaveLength(2);
    expect((await fetchFile(client, 'model.safetensors', LARGE)).equals(LARGE)).toBe(true);
    expect(hub.requests.map(({ authorization }) => authorization)).not.toContain(expect.anything());
  });

  test('of a gated model says at once that the other host is not told HF_TOKEN, and what to set', async () => {
    hub.addRepository(NAME, { 'config.json': SMALL }, { gated: true });
    await expect(fetchFile(mirror.client(mirror.acceptedToken), 'config.json', SMALL)).rejects.toThrow(
      `${mirror.endpoint} sends on to ${hub.endpoint}, which is not told HF_TOKEN and gives ${NAME} only to those ` +
        `who have accepted its licence: if that host may know the token, set HF_ENDPOINT to ${hub.endpoint}.`,
    );
    expect(asked()).toBe(1);
    expect(hub.requests[0].authorization).toBeUndefined();
  });

  test('without a token says where the licence is accepted, and which hub to name', async () => {
    hub.addRepository(NAME, { 'config.json': SMALL }, { gated: true });
    await expect(fetchFile(mirror.client(), 'config.json', SMALL)).rejects.toThrow(
      `do so on ${hub.endpoint}/${NAME}, make an access token on ${hub.endpoint}/settings/tokens, and set HF_TOKEN ` +
        `to it, and HF_ENDPOINT to ${hub.endpoint}, which ${mirror.endpoint} sends on to.`,
    );
    expect(asked()).toBe(1);
  });

  test('of a model that is only there for who has a token says so', async () => {
    await expect(readRepository(mirror.client(mirror.acceptedToken), NAME)).rejects.toThrow(
      /is not told HF_TOKEN and refuses with status 401: if that host may know the token, set HF_ENDPOINT to/,
    );
    expect(asked()).toBe(1);
  });
});

test.each<[string, Fault, RegExp]>([
  ['403 of a proxy', { kind: 'status', status: 403 }, /refuses with status 403: .* may not read .* proxy/],
  ['404', { kind: 'status', status: 404 }, /has no config\.json of google/],
  ['451', { kind: 'status', status: 451 }, /for legal reasons \(451\)/],
  ['418', { kind: 'status', status: 418 }, /refuses with status 418/],
  ['501', { kind: 'status', status: 501 }, /refuses with status 501/],
  ['511', { kind: 'status', status: 511 }, /asks for a login before/],
  [
    'a web page',
    { kind: 'page' },
    /answers with a web page instead of config\.json: it is no hub, or the network asks/,
  ],
  [
    'a login page, by redirect',
    { kind: 'status', status: 302, headers: { location: 'ftp://login' } },
    /sends on to ftp:\/\/login, which is not safe/,
  ],
  [
    'an address that is none',
    { kind: 'status', status: 302, headers: { location: 'http://[' } },
    /is no address/,
  ],
])('a final answer is told at once as what it is: %s', async (_name, fault, sentence) => {
  hub.addRepository(NAME, { 'config.json': SMALL });
  hub.fail('config.json', fault, 10);
  const error: unknown = await fetchFile(hub.client(hub.acceptedToken), 'config.json', SMALL).catch(
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(UserError);
  expect(error).toMatchObject({ message: expect.stringMatching(sentence) as string });
  expect(String(error)).not.toContain(hub.acceptedToken);
  expect(asked()).toBe(1);
});

test('a web page instead of the list of files is told at once', async () => {
  hub.addRepository(NAME, { 'config.json': SMALL });
  hub.fail('info', { kind: 'page' }, 10);
  await expect(readRepository(hub.client(), NAME)).rejects.toThrow(
    `answers with a web page instead of what is in ${NAME}`,
  );
  expect(asked()).toBe(1);
});

test('a revision that is not there is told with its name, and one that is gives its own files', async () => {
  const revision = 'a'.repeat(40);
  hub.addRepository(NAME, { 'config.json': SMALL });
  hub.addRepository(NAME, { 'other.json': SMALL }, { revision, branch: 'refs/pr/1' });
  await expect(readRepository(hub.client(), NAME, undefined, 'float16')).rejects.toThrow(
    `${NAME} has no revision float16.`,
  );
  for (const wish of ['refs/pr/1', revision]) {
    const read = await readRepository(hub.client(), NAME, undefined, wish);
    expect([read.revision, read.files[0].path]).toEqual([revision, 'other.json']);
  }
  expect((await readRepository(hub.client(), NAME)).revision).toBe(REVISION);
});

test.each(['', '../main', 'a//b', '-x', 'a b', 'main?x'])('"%s" is no revision', async (wish) => {
  await expect(readRepository(hub.client(), NAME, undefined, wish)).rejects.toThrow('is no name of a branch');
  expect(asked()).toBe(0);
});

test.each([
  ['retry-after', '5400', '90 min'],
  ['retry-after', '86400', '24 hours'],
  ['ratelimit', '"api";r=0;t=240', '4 min'],
])('who is asked to stay away for long is told for how long: %s: %s', async (header, value, words) => {
  hub.addRepository(NAME, { 'config.json': SMALL });
  hub.fail('info', { kind: 'status', status: 429, headers: { [header]: value } }, 10);
  await expect(readRepository(hub.client(), NAME)).rejects.toThrow(
    `answers with 429 (too many requests). It asks to be left alone for ${words}: try again then`,
  );
  expect(asked()).toBe(1);
});

test('a server that does not know how long the whole file is gives its pieces all the same', async () => {
  hub.addRepository(NAME, { 'model.safetensors': LARGE });
  hub.fail('model.safetensors', { kind: 'unknownWhole' });
  expect((await fetchFile(hub.client(), 'model.safetensors', LARGE)).equals(LARGE)).toBe(true);
});

test('a server that takes requests and says nothing is asked again, and then given up', async () => {
  hub.addRepository(NAME, { 'config.json': SMALL });
  hub.fail('info', { kind: 'silence' }, 10);
  const client = hub.client();
  const patience = { ...client.patience, tries: 2, answerMs: 300 };
  await expect(readRepository({ ...client, patience }, NAME)).rejects.toThrow(
    "can't be reached. Nothing came for 0.3 s. It was tried 2 times",
  );
});

describe('a host that can not be reached', () => {
  test('by the port it has is told at once', async () => {
    const reading = readRepository({ ...hub.client(), endpoint: 'http://127.0.0.1:9' }, NAME);
    await expect(reading).rejects.toThrow(/can't be reached\. Its port is one that .*to\.$/);
  });

  test('as nobody knows its name is told at once where nothing has come yet', async () => {
    const cause = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
    const asking = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('fetch failed', { cause }));
    const endpoint = 'https://hugingface.example';
    await expect(readRepository({ ...hub.client(), endpoint }, NAME)).rejects.toThrow(
      /^hugingface\.example can't be reached\. The network knows no host hugingface\.example: see the address\.$/,
    );
    expect(asking).toHaveBeenCalledOnce();
    asking.mockRestore();
  });

  test('that does not speak https is told at once', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(readRepository({ ...hub.client(), endpoint }, NAME)).rejects.toThrow(
      /can't be reached\. It does not speak https: see the address\.$/,
    );
    server.close();
  });

  const failure = (code: string): Error =>
    unreachable(
      new URL('https://hub.example'),
      new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) }),
    );

  test.each([
    ['SELF_SIGNED_CERT_IN_CHAIN', /certificate is not accepted .*NODE_EXTRA_CA_CERTS/],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /certificate is not accepted .*NODE_EXTRA_CA_CERTS/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /certificate is not accepted .*NODE_EXTRA_CA_CERTS/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /certificate is not accepted/],
    ['CERT_HAS_EXPIRED', /certificate is not accepted .*see this machine's clock/],
    ['CERT_NOT_YET_VALID', /certificate is not accepted .*see this machine's clock/],
  ])('with a certificate that is %s is final', (code, sentence) => {
    expect(failure(code)).toBeInstanceOf(UserError);
    expect(failure(code).message).toMatch(sentence);
  });

  test.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT', 'EPROTO'])(
    'with %s may be reached the next time',
    (code) => {
      expect(failure(code)).toBeInstanceOf(PassingError);
      expect(failure(code).message).toMatch(/^hub\.example can't be reached\. ./);
    },
  );
});
