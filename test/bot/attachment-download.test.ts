import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { downloadPicture, isDownloadable, type DownloadOptions } from '../../src/bot/attachment-download.js';
import { FileHostError, type FileHostProblem } from '../../src/bot/file-host-errors.js';
import { publicAgent } from '../../src/bot/public-addresses.js';
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

async function problemOf(download: Promise<unknown>): Promise<FileHostProblem> {
  const error: unknown = await download.catch((error: unknown) => error);
  expect(error).toBeInstanceOf(FileHostError);
  return (error as FileHostError).problem;
}

/** A server that says the same to everybody, and hangs up. @returns its host and port */
async function serveBytes(answer: string): Promise<string> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
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

describe('a server that wants fewer requests', () => {
  const busy = async (
    status: number,
    retryAfter: string,
    times = 1,
  ): Promise<{ host: string; at: number[] }> => {
    const at: number[] = [];
    const host = await serve((_request, response) => {
      at.push(performance.now());
      if (at.length <= times) {
        response.writeHead(status, { 'retry-after': retryAfter }).end('slow down');
      } else {
        response.end(PICTURE);
      }
    });
    return { host, at };
  };

  test.each<[number, () => string]>([
    [429, () => '1'],
    [503, () => '1'],
    [500, () => '1'],
    [429, () => new Date(Date.now() + 2000).toUTCString()],
  ])('with status %i is asked again after the pause that it asks for', async (status, retryAfter) => {
    const { host, at } = await busy(status, retryAfter());
    expect(await download(host, { timeoutMs: 30_000 })).toStrictEqual(PICTURE);
    expect(at).toHaveLength(2);
    // A date has whole seconds only.
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(900);
  });

  test('may ask for a pause that is longer than it may be silent', async () => {
    const { host } = await busy(429, '1');
    expect(await download(host, { stallMs: 300, timeoutMs: 30_000 })).toStrictEqual(PICTURE);
  });

  test.each(['3600', '31', 'Fri, 31 Dec 2999 23:59:59 GMT'])(
    'for %s is not waited for where that is longer than there is time',
    async (retryAfter) => {
      const { host, at } = await busy(429, retryAfter);
      const started = performance.now();
      expect(await problemOf(download(host, { timeoutMs: 30_000 }))).toBe('busy');
      expect(at).toHaveLength(1);
      expect(performance.now() - started).toBeLessThan(10_000);
    },
  );

  test.each(['0', '', 'soon', '-5'])('and says "%s" is asked again at once', async (retryAfter) => {
    const { host, at } = await busy(429, retryAfter);
    expect(await download(host)).toStrictEqual(PICTURE);
    expect(at).toHaveLength(2);
  });

  test('is not asked for ever, and the caller may end the pause', async () => {
    const { host, at } = await busy(429, '0', 1000);
    expect(await problemOf(download(host))).toBe('busy');
    expect(at).toHaveLength(4);
    const { host: pausing } = await busy(429, '20');
    const caller = new AbortController();
    const reason = new Error('cancelled');
    setTimeout(() => {
      caller.abort(reason);
    }, 50);
    await expect(download(pausing, { signal: caller.signal, timeoutMs: 30_000 })).rejects.toBe(reason);
  });
});

describe('what goes wrong at a server is told as that', () => {
  test.each<[FileHostProblem, readonly number[]]>([
    ['busy', [429]],
    ['refusing', [400, 401, 402, 405, 406, 409, 411, 412, 413, 415, 416, 418, 422, 423, 426, 428, 431, 451]],
    ['failing', [408, 421, 425, 500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 599, 999]],
    ['failing', [201, 202, 204, 205, 206, 226, 300, 302, 304, 307]],
  ])('%s: %j', async (problem, statuses) => {
    const outcomes = await Promise.all(
      statuses.map(async (status) => {
        const host = await serve((_request, response) => response.writeHead(status).end());
        return [status, await problemOf(download(host, { timeoutMs: 30_000 }))];
      }),
    );
    expect(outcomes).toEqual(statuses.map((status) => [status, problem]));
  });

  test.each<[string, string]>([
    ['a status line that is none', 'hello\r\n\r\n'],
    ['less than announced', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'],
    ['half a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nha'],
    ['no number where a length is', 'HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\nhalf'],
    ['what is not packed as it says', 'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\nplain'],
    ['a password that is asked for', 'HTTP/1.1 407 No\r\n\r\n'],
    ['nothing', ''],
  ])('failing: %s', async (_name, answer) => {
    const host = await serveBytes(answer);
    expect(await problemOf(download(host, { timeoutMs: 30_000 }))).toBe('failing');
  });

  test.each(['EAI_AGAIN', 'ENOTFOUND', 'ENODATA', 'ETIMEDOUT'])(
    'unreachable: a name, by %s',
    async (code) => {
      const agent = publicAgent([], (_hostname, _options, callback) => {
        callback(Object.assign(new Error('no such name'), { code }), []);
      });
      const hosts = ['cdn.example.org'];
      const signal = new AbortController().signal;
      const options = { hosts, agent, signal, maxBytes: 1024, timeoutMs: 30_000 };
      expect(await problemOf(downloadPicture('https://cdn.example.org/a.png', options))).toBe('unreachable');
    },
  );

  test('unreachable: a name with addresses of this machine alone', async () => {
    const agent = publicAgent([], (_hostname, _options, callback) => {
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    });
    const hosts = ['cdn.example.org'];
    const signal = new AbortController().signal;
    const options = { hosts, agent, signal, maxBytes: 1024, timeoutMs: 30_000 };
    expect(await problemOf(downloadPicture('https://cdn.example.org/a.png', options))).toBe('unreachable');
  });

  test('a fault of ours: this machine has no room for a further connection', async () => {
    const agent = publicAgent([], (_hostname, _options, callback) => {
      callback(Object.assign(new Error('too many files are open'), { code: 'EMFILE' }), []);
    });
    const options = { hosts: ['cdn.example.org'], agent, signal: new AbortController().signal };
    const error: unknown = await downloadPicture('https://cdn.example.org/a.png', {
      ...options,
      maxBytes: 1024,
      timeoutMs: 30_000,
    }).catch((error: unknown) => error);
    expect(error).not.toBeInstanceOf(FileHostError);
    expect(error).not.toBeInstanceOf(UserError);
  });
});

describe('an error names the host and not the signature', () => {
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
    expect(error).toMatchObject({
      problem: 'unreachable',
      message: `The picture could not be downloaded from ${host}.`,
    });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('secret');
  });
});
