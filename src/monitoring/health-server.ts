import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAddressedTo, listen } from '../local-server.js';
import type { Metrics } from './metrics.js';

/** A request, or a check, that takes longer is given up. Milliseconds. */
const PATIENCE = 5000;

/** How the bot is: each part is `ok`, or says in words what it lacks. */
export interface Health {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, string>>;
}

export interface HealthServerOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Further names that requests may call it by, in lower case. */
  readonly names?: readonly string[];
  readonly metrics: Metrics;
  readonly health: () => Promise<Health>;
}

export interface HealthServer {
  readonly port: number;
  /** Ends open connections too. */
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
}

/**
 * Serves `/livez`, which answers as long as the process does; `/readyz`, with status 503 where something is wrong, and
 * the same as `/healthz`; and `/metrics` for Prometheus.
 *
 * @throws {UserError} the port is taken or the host is not an address of this machine
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const { host, port } = options;
  const server = createServer({ requestTimeout: PATIENCE, headersTimeout: PATIENCE }, (request, response) => {
    void answer(request, options).then((reply) => {
      send(response, reply);
    });
  });
  // Scrapes are rare; nobody needs to hold a connection open.
  server.maxRequestsPerSocket = 1;
  server.maxConnections = 32;
  return {
    port: await listen(server, { host, port, settings: 'MONITORING', mayBeOff: true }),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(request: IncomingMessage, options: HealthServerOptions): Promise<Reply> {
  const serve = PAGES.get(request.url?.split('?')[0] ?? '');
  if (!isAddressedTo(request.headers.host ?? '', options.host, options.names)) {
    return { status: 421, body: 'This host is not served here.\n' };
  }
  if (serve === undefined) {
    return { status: 404, body: `Only ${[...PAGES.keys()].join(', ')} are served here.\n` };
  }
  if (request.method !== 'GET') {
    return { status: 405, body: 'Only GET is served here.\n' };
  }
  try {
    return await serve(options);
  } catch {
    return { status: 500, body: 'The figures could not be collected.\n' };
  }
}

async function readiness({ health }: HealthServerOptions): Promise<Reply> {
  const { ok, checks } = await Promise.race([health(), tooSlow()]).catch((): Health => FAILED);
  const body = `${JSON.stringify({ ok, checks })}\n`;
  return { status: ok ? 200 : 503, type: 'application/json', body };
}

const PAGES = new Map<string, (options: HealthServerOptions) => Promise<Reply>>([
  ['/healthz', readiness],
  // What mends itself, as a model that is started again, must not be ended for it.
  ['/livez', () => Promise.resolve({ status: 200, type: 'application/json', body: '{"ok":true}\n' })],
  ['/readyz', readiness],
  [
    '/metrics',
    async ({ metrics }) => ({ status: 200, type: metrics.contentType, body: await metrics.text() }),
  ],
]);

/** What went wrong may hold what nobody here may read. */
const FAILED: Health = { ok: false, checks: { health: 'could not be checked' } };

async function tooSlow(): Promise<Health> {
  await sleep(PATIENCE, undefined, { ref: false });
  return { ok: false, checks: { health: 'took too long to check' } };
}

function send(response: ServerResponse, { status, type = 'text/plain; charset=utf-8', body }: Reply): void {
  response
    .writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      connection: 'close',
      ...(status === 405 ? { allow: 'GET' } : {}),
    })
    .end(body);
}
