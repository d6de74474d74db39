import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import {
  startHealthServer,
  type Health,
  type HealthServer,
  type HealthServerOptions,
} from '../../src/monitoring/health-server.js';
import { Metrics } from '../../src/monitoring/metrics.js';

const HEALTHY: Health = { ok: true, checks: { discord: 'ok', model: 'ok' } };
const metrics = new Metrics();
const servers: HealthServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options: Partial<HealthServerOptions> = {}): Promise<HealthServer> {
  const server = await startHealthServer({
    host: '127.0.0.1',
    port: 0,
    metrics,
    health: () => Promise.resolve(HEALTHY),
    ...options,
  });
  servers.push(server);
  return server;
}

interface Reply {
  readonly status: number | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

async function ask(
  { port }: HealthServer,
  path: string,
  { method = 'GET', host = 'localhost' } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers: { host } }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, body });
      });
    })
      .on('error', reject)
      .end();
  });
}

describe('/healthz', () => {
  test('says with status 200 that all is well', async () => {
    const { status, headers, body } = await ask(await start(), '/healthz?from=docker');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(body)).toStrictEqual(HEALTHY);
  });

  test('says with status 503 what is wrong', async () => {
    const ill: Health = { ok: false, checks: { discord: 'ok', model: 'is starting' } };
    const { status, body } = await ask(await start({ health: () => Promise.resolve(ill) }), '/healthz');
    expect(status).toBe(503);
    expect(JSON.parse(body)).toStrictEqual(ill);
  });

  test('says with status 503 that the check itself failed, and not why', async () => {
    const failing = await start({ health: () => Promise.reject(new Error('token abc')) });
    const { status, body } = await ask(failing, '/healthz');
    expect(status).toBe(503);
    expect(body).not.toContain('abc');
  });
});

test('/readyz says the same, and /livez answers whatever is wrong', async () => {
  const ill: Health = { ok: false, checks: { discord: 'not connected', model: 'being loaded' } };
  for (const health of [() => Promise.resolve(ill), () => Promise.reject(new Error('x'))]) {
    const server = await start({ health });
    expect((await ask(server, '/readyz')).status).toBe(503);
    expect(await ask(server, '/livez')).toMatchObject({ status: 200, body: '{"ok":true}\n' });
  }
  expect(JSON.parse((await ask(await start(), '/readyz')).body)).toStrictEqual(HEALTHY);
});

test("/metrics shows the figures in Prometheus's format", async () => {
  const { status, headers, body } = await ask(await start(), '/metrics');
  expect(status).toBe(200);
  expect(headers['content-type']).toBe(metrics.contentType);
  expect(body).toContain('glimpse_jobs_waiting 0');
});

test.each(['/', '/healthz/', '/healthzz', '/../metrics', '/metrics/x', '*'])(
  '%s is not served',
  async (path) => {
    expect((await ask(await start(), path)).status).toBe(404);
  },
);

test.each(['POST', 'HEAD', 'DELETE', 'OPTIONS'])('%s is not served', async (method) => {
  const { status, headers } = await ask(await start(), '/metrics', { method });
  expect(status).toBe(405);
  expect(headers.allow).toBe('GET');
});

describe('a request must name this machine', () => {
  test.each(['localhost', 'LOCALHOST:9464', '127.0.0.1:9464', '127.9.9.9', '[::1]:9464'])(
    '%s does',
    async (host) => {
      expect((await ask(await start(), '/healthz', { host })).status).toBe(200);
    },
  );

  test.each(['example.org', '127.0.0.1.example.org', 'localhost.example.org', '192.168.1.5', 'a@localhost'])(
    '%j does not',
    async (host) => {
      expect((await ask(await start(), '/healthz', { host })).status).toBe(421);
    },
  );

  test.each([
    ['192.168.1.5:9464', 200],
    ['glimpse:9464', 200],
    ['[fd00::5]:9464', 200],
    ['glimpse.monitoring.svc.cluster.local:9464', 200],
    ['glimpse.monitoring.svc', 200],
    ['nas.local.', 200],
    ['vm.c.project.internal', 200],
    ['NAS.home.arpa', 200],
    ['example.org', 421],
    ['local.example.org', 421],
    ['127.0.0.1.example.org', 421],
    ['svc.example', 421],
  ])('served on all addresses, %s gets status %i', async (host, status) => {
    expect((await ask(await start({ host: '0.0.0.0' }), '/healthz', { host })).status).toBe(status);
  });
});

test('served under further names, these are served and no others', async () => {
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    const server = await start({ host, names: ['host-1.example.org'] });
    expect((await ask(server, '/metrics', { host: 'Host-1.example.org:9464' })).status).toBe(200);
    expect((await ask(server, '/metrics', { host: 'example.org' })).status).toBe(421);
    expect((await ask(server, '/metrics', { host: 'x.host-1.example.org' })).status).toBe(421);
  }
});

test('connections are not kept, and closing waits for none', async () => {
  const server = await start();
  expect((await ask(server, '/healthz')).headers.connection).toBe('close');
  const idle = connect(server.port, '127.0.0.1');
  await new Promise((resolve) => idle.once('connect', resolve));
  const ended = new Promise((resolve) => idle.once('close', resolve));
  idle.on('error', () => undefined);
  await server.close();
  servers.pop();
  await ended;
});

test('a port that is taken is told in a sentence that says how to mend it', async () => {
  const { port } = await start();
  const second = start({ port });
  await expect(second).rejects.toBeInstanceOf(UserError);
  await expect(second).rejects.toThrow(
    `Port ${port} of 127.0.0.1 is taken. Set MONITORING_PORT to a free port, or to off.`,
  );
});

test('a host that is not this machine is told in a sentence', async () => {
  await expect(start({ host: '192.0.2.1' })).rejects.toThrow(
    /^MONITORING_HOST is 192\.0\.2\.1, which is not/,
  );
});
