import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RateLimit } from '../../src/playground/rate-limit.js';
import {
  buildPage,
  startPlayground,
  type BuiltPage,
  type PlaygroundUnderTest,
} from '../support/playground-under-test.js';

const TOKEN = 'a-token-of-sixteen-or-more';
const ADDRESS = 'https://glimpse.example.org';

let page: BuiltPage;
let it: PlaygroundUnderTest;

beforeAll(async () => {
  page = await buildPage();
  it = await startPlayground({
    pageFolder: page.folder,
    token: TOKEN,
    publicAddress: ADDRESS,
    taskRate: new RateLimit({ burst: 1, perSecond: 0.001 }),
  });
});

afterAll(async () => {
  await it.close();
  await page.remove();
});

/** What a proxy hands on, and the status that comes of it. */
async function handOn(
  headers: Record<string, string>,
  { method = 'GET', path = '/api/status' } = {},
): Promise<number> {
  const address = new URL(path, it.playground.localAddress);
  const borne = { authorization: `Bearer ${TOKEN}`, ...headers };
  return new Promise((resolve, reject) => {
    request(address, { method, headers: borne }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

test('says the address that visitors know', () => {
  expect(it.playground.address).toBe(ADDRESS);
});

test.each([
  ['the name kept', { host: 'glimpse.example.org', origin: ADDRESS }, 200],
  ['the name kept, with its port', { host: 'glimpse.example.org:443', origin: ADDRESS }, 200],
  ['the name rewritten', { host: '127.0.0.1:9465', origin: ADDRESS, 'sec-fetch-site': 'same-origin' }, 200],
  ['a visitor on this machine', { host: 'localhost:9465', origin: 'http://localhost:9465' }, 200],
  ['another name', { host: 'example.org', origin: ADDRESS }, 421],
  ['a name below it', { host: 'x.glimpse.example.org', origin: ADDRESS }, 421],
  ['a page from elsewhere, name kept', { host: 'glimpse.example.org', origin: 'https://example.org' }, 403],
  ['a page from elsewhere, name rewritten', { host: '127.0.0.1:9465', origin: 'https://example.org' }, 403],
  ['its own name on another port', { host: '127.0.0.1:9465', origin: `${ADDRESS}:8443` }, 403],
  ['a page below its name', { host: '127.0.0.1:9465', origin: 'https://x.glimpse.example.org' }, 403],
  ['a page of nowhere', { host: '127.0.0.1:9465', origin: 'null' }, 403],
  ['a cross-site request', { host: 'glimpse.example.org', 'sec-fetch-site': 'cross-site' }, 403],
  ['no token', { host: 'glimpse.example.org', origin: ADDRESS, authorization: '' }, 401],
])('a request is judged by its own address: %s', async (_name, headers, status) => {
  expect(await handOn(headers)).toBe(status);
});

test('a task may be given in the page that the proxy serves, with either name', async () => {
  for (const [host, visitor] of [
    ['glimpse.example.org', '192.0.2.1'],
    ['127.0.0.1:9465', '192.0.2.2'],
  ]) {
    const headers = { host, origin: ADDRESS, 'x-forwarded-for': visitor };
    // Nothing but the form is wrong with it.
    expect(await handOn(headers, { method: 'POST', path: '/api/tasks' })).toBe(400);
  }
});

test('visitors are told apart by what the proxy says of them, and not by what they say themselves', async () => {
  const give = (forwarded: string): Promise<number> =>
    handOn({ host: '127.0.0.1', 'x-forwarded-for': forwarded }, { method: 'POST', path: '/api/tasks' });
  expect(await give('192.0.2.7')).toBe(400);
  expect(await give('192.0.2.7')).toBe(429);
  expect(await give('192.0.2.8')).toBe(400);
  expect(await give('198.51.100.1, 192.0.2.8')).toBe(429);
  expect(await give('2001:db8::1')).toBe(400);
});
