import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { downloadPicture, isDownloadable, type DownloadOptions } from '../../src/bot/attachment-download.js';
import { UserError } from '../../src/errors.js';

const PICTURE = new TextEncoder().encode('the bytes of a picture');
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** @returns the server's host and port */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function download(
  host: string,
  options: Partial<DownloadOptions> = {},
  path = '/picture.png?ex=1&hm=secret',
): Promise<Uint8Array> {
  return downloadPicture(`http://${host}${path}`, {
    hosts: [host],
    maxBytes: 1024,
    timeoutMs: 5000,
    signal: new AbortController().signal,
    ...options,
  });
}

async function mistakeOf(download: Promise<unknown>): Promise<UserError['mistake']> {
  const error: unknown = await download.catch((error: unknown) => error);
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).mistake;
}

describe('a picture is downloaded', () => {
  test('byte for byte, with the signature in its address', async () => {
    const seen: (string | undefined)[] = [];
    const host = await serve((request, response) => {
      seen.push(request.url);
      response.end(PICTURE);
    });
    expect(await download(host)).toStrictEqual(PICTURE);
    expect(seen).toStrictEqual(['/picture.png?ex=1&hm=secret']);
  });

  test('at the very limit of bytes', async () => {
    const host = await serve((_request, response) => response.end(PICTURE));
    expect(await download(host, { maxBytes: PICTURE.length })).toStrictEqual(PICTURE);
  });

  test('through redirects between allowed hosts', async () => {
    const host = await serve((request, response) => {
      const hop = Number(request.url?.slice(1));
      if (hop < 3) {
        response.writeHead(302, { location: `/${hop + 1}` }).end('moved');
      } else {
        response.end(PICTURE);
      }
    });
    expect(await download(host, {}, '/0')).toStrictEqual(PICTURE);
  });

  test.each(['status 503', 'a connection that breaks off'])(
    'at the second try, after %s',
    async (trouble) => {
      let requests = 0;
      const host = await serve((_request, response) => {
        requests += 1;
        if (requests > 1) {
          response.end(PICTURE);
        } else if (trouble === 'status 503') {
          response.writeHead(503).end('busy');
        } else {
          response.writeHead(200, { 'content-length': 100 }).write('half');
          setTimeout(() => response.destroy(), 20);
        }
      });
      expect(await download(host)).toStrictEqual(PICTURE);
      expect(requests).toBe(2);
    },
  );
});

describe('pictures come from nowhere but the allowed hosts', () => {
  const hosts = ['cdn.discordapp.com', 'localhost', '127.0.0.1:8080'];

  test.each([
    'https://cdn.discordapp.com/a.png?ex=1',
    'https://CDN.discordapp.com:443/a.png',
    'http://127.0.0.1:8080/a.png',
    'http://localhost/a.png',
  ])('%s is allowed', (url) => {
    expect(isDownloadable(url, hosts)).toBe(true);
  });

  test.each([
    'http://cdn.discordapp.com/a.png',
    'https://cdn.discordapp.com:8443/a.png',
    'https://cdn.discordapp.com.example.org/a.png',
    'https://cdn.discordapp.com@example.org/a.png',
    'https://someone@cdn.discordapp.com/a.png',
    'https://:word@cdn.discordapp.com/a.png',
    'https://example.org/cdn.discordapp.com/a.png',
    'http://127.0.0.1/a.png',
    'http://127.0.0.1:8081/a.png',
    'http://[::1]:8080/a.png',
    'http://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    'ftp://cdn.discordapp.com/a.png',
    'data:image/png;base64,AAAA',
    'attachment://a.png',
    '/a.png',
    '',
  ])('%s is not', async (url) => {
    expect(isDownloadable(url, hosts)).toBe(false);
    const signal = new AbortController().signal;
    const refused = downloadPicture(url, { hosts, maxBytes: 1024, timeoutMs: 1000, signal });
    expect(await mistakeOf(refused)).toStrictEqual({ code: 'pictureElsewhere' });
  });

  test('a redirect to another host is not followed', async () => {
    let asked = false;
    const elsewhere = await serve((_request, response) => {
      asked = true;
      response.end(PICTURE);
    });
    const host = await serve((_request, response) =>
      response.writeHead(302, { location: `http://${elsewhere}/` }).end(),
    );
    expect(await mistakeOf(download(host))).toStrictEqual({ code: 'pictureElsewhere' });
    expect(asked).toBe(false);
  });

  test.each([
    'http://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    '//169.254.169.254/',
    'data:,a',
  ])('a redirect to %s is not followed', async (location) => {
    const host = await serve((_request, response) => response.writeHead(302, { location }).end());
    expect(await mistakeOf(download(host))).toStrictEqual({ code: 'pictureElsewhere' });
  });

  test('redirects that never end are given up', async () => {
    let requests = 0;
    const host = await serve((_request, response) => {
      requests += 1;
      response.writeHead(302, { location: '/again' }).end();
    });
    await expect(download(host)).rejects.toThrow(`The picture could not be downloaded from ${host}.`);
    expect(requests).toBe(4);
  });
});

describe('a picture that is too large', () => {
  const tooLarge = { code: 'pictureTooLarge', values: { mebibytes: 1 } };

  test('is refused by the length that the server announces', async () => {
    const host = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 2 ** 20 + 1 }).write('a');
    });
    expect(await mistakeOf(download(host, { maxBytes: 2 ** 20 }))).toStrictEqual(tooLarge);
  });

  test('is broken off where the server announces nothing and never ends', async () => {
    let sent = 0;
    const host = await serve((_request, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const more = (): void => {
        while (!response.destroyed && response.write(chunk)) {
          sent += chunk.length;
        }
      };
      response.on('drain', more);
      more();
    });
    expect(await mistakeOf(download(host, { maxBytes: 2 ** 20 }))).toStrictEqual(tooLarge);
    expect(sent).toBeLessThan(64 * 2 ** 20);
  });

  test('is measured unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(8 * 2 ** 20));
    const host = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    );
    expect(await mistakeOf(download(host, { maxBytes: 2 ** 20 }))).toStrictEqual(tooLarge);
  });
});

test.each([403, 404, 410])(
  'status %i tells that the picture is gone, and is not tried again',
  async (status) => {
    let requests = 0;
    const host = await serve((_request, response) => {
      requests += 1;
      response.writeHead(status).end('gone');
    });
    expect(await mistakeOf(download(host))).toStrictEqual({ code: 'pictureGone' });
    expect(requests).toBe(1);
  },
);

describe('a download does not take for ever', () => {
  test.each(['before it answers', 'in the middle of the picture'])(
    'a server that stalls %s',
    async (moment) => {
      const host = await serve((_request, response) => {
        if (moment !== 'before it answers') {
          response.write('half');
        }
      });
      expect(await mistakeOf(download(host, { stallMs: 100 }))).toStrictEqual({ code: 'pictureTooSlow' });
    },
  );

  test('a second try has all of the time that a server may stall', async () => {
    let requests = 0;
    const host = await serve((_request, response) => {
      requests += 1;
      setTimeout(() => (requests === 1 ? response.destroy() : response.end(PICTURE)), 300);
    });
    expect(await download(host, { stallMs: 700 })).toStrictEqual(PICTURE);
  });

  test('a server that drips', async () => {
    const host = await serve((_request, response) => {
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => {
        clearInterval(drip);
      });
    });
    const slow = download(host, { stallMs: 1000, timeoutMs: 200 });
    expect(await mistakeOf(slow)).toStrictEqual({ code: 'pictureTooSlow' });
  });

  test('the caller ends it, with their reason', async () => {
    const host = await serve((_request, response) => response.write('half'));
    const caller = new AbortController();
    const reason = new Error('cancelled');
    setTimeout(() => {
      caller.abort(reason);
    }, 50);
    await expect(download(host, { signal: caller.signal })).rejects.toBe(reason);
    await expect(download(host, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('a fault names the host and not the signature', () => {
  test.each([500, 429, 400])('status %i', async (status) => {
    const host = await serve((_request, response) => response.writeHead(status).end());
    const error: unknown = await download(host).catch((error: unknown) => error);
    expect(error).not.toBeInstanceOf(UserError);
    expect(error).toMatchObject({ cause: { message: `The server answered with status ${status}.` } });
    expect(inspect(error, { depth: 10 })).not.toContain('secret');
  });

  test('a server that is not there', async () => {
    const host = await serve(() => undefined);
    servers.pop()?.close();
    const error: unknown = await download(host).catch((error: unknown) => error);
    expect(error).toMatchObject({ message: `The picture could not be downloaded from ${host}.` });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('secret');
  });
});
