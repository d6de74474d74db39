import type { LookupAddress } from 'node:dns';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { downloadPicture } from '../../src/bot/attachment-download.js';
import { isPublic, publicAgent, publicLookup, type Resolver } from '../../src/bot/public-addresses.js';

function entry(address: string): LookupAddress {
  return { address, family: address.includes(':') ? 6 : 4 };
}

/** Answers one look-up after another, and the last one for ever. */
function resolverOf(...answers: readonly (readonly string[])[]): Resolver {
  let asked = 0;
  return (_hostname, _options, callback) => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked++;
    callback(null, answer.map(entry));
  };
}

async function lookUp(resolve: Resolver, hostname = 'cdn.example.org'): Promise<readonly string[]> {
  return new Promise((done, fail) => {
    publicLookup(['localhost'], resolve)(hostname, { all: true }, (error, addresses) => {
      if (error === null) {
        done((addresses as LookupAddress[]).map(({ address }) => address));
      } else {
        fail(error);
      }
    });
  });
}

describe('addresses of the internet', () => {
  test.each(['162.159.129.233', '8.8.8.8', '198.18.0.7', '2606:4700::6812:1a', '64:ff9b::a29f:81e9'])(
    '%s is one',
    (address) => {
      expect(isPublic(entry(address))).toBe(true);
    },
  );

  test.each([
    ...['127.0.0.1', '127.255.1.1', '0.0.0.0', '10.1.2.3', '100.100.100.200', '169.254.169.254'],
    ...['172.16.0.1', '172.31.255.255', '192.168.1.1', '224.0.0.1', '255.255.255.255'],
    ...[
      '::',
      '::1',
      '::ffff:127.0.0.1',
      '::ffff:169.254.169.254',
      'fc00::1',
      'fd12::1',
      'fe80::1',
      'ff02::1',
    ],
  ])('%s is none', (address) => {
    expect(isPublic(entry(address))).toBe(false);
  });
});

describe('a name', () => {
  test('is connected to at its public addresses alone', async () => {
    const mixed = resolverOf(['10.0.0.1', '162.159.129.233', 'fe80::1', '2606:4700::6812:1a']);
    expect(await lookUp(mixed)).toEqual(['162.159.129.233', '2606:4700::6812:1a']);
  });

  test('that has none is not connected to', async () => {
    await expect(lookUp(resolverOf(['169.254.169.254']))).rejects.toThrow(
      'cdn.example.org has no public address.',
    );
  });

  test('that points elsewhere the second time is looked at the second time too', async () => {
    const rebinding = resolverOf(['162.159.129.233'], ['127.0.0.1']);
    expect(await lookUp(rebinding)).toEqual(['162.159.129.233']);
    await expect(lookUp(rebinding)).rejects.toThrow('has no public address');
  });

  test('that is meant to be this machine may be', async () => {
    expect(await lookUp(resolverOf(['127.0.0.1']), 'localhost')).toEqual(['127.0.0.1']);
  });

  test('that can not be looked up is told as it is', async () => {
    const failing: Resolver = (_hostname, _options, callback) => {
      callback(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }), []);
    };
    await expect(lookUp(failing)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });
});

test('a download from an allowed host that points to this machine never connects', async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  const host = `cdn.example.org:${(server.address() as AddressInfo).port}`;
  const agent = publicAgent([], resolverOf(['127.0.0.1']));
  const download = downloadPicture(`https://${host}/picture.png?hm=secret`, {
    hosts: [host],
    maxBytes: 1024,
    timeoutMs: 5000,
    signal: new AbortController().signal,
    agent,
  });
  const error: unknown = await download.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    message: `The picture could not be downloaded from ${host}.`,
    cause: { cause: { message: 'cdn.example.org has no public address.' } },
  });
  expect(connections).toBe(0);
});
