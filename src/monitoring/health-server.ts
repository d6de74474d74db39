import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isIP, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../errors.js';
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
 * Serves `/healthz`, with status 503 where something is wrong, and `/metrics` for Prometheus.
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
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(mended(error, host, port));
    });
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(request: IncomingMessage, options: HealthServerOptions): Promise<Reply> {
  const serve = PAGES.get(request.url?.split('?')[0] ?? '');
  if (!isAddressedTo(request.headers.host ?? '', options.host)) {
    return { status: 421, body: 'This host is not served here.\n' };
  }
  if (serve === undefined) {
    return { status: 404, body: 'Only /healthz and /metrics are served here.\n' };
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

const PAGES = new Map<string, (options: HealthServerOptions) => Promise<Reply>>([
  [
    '/healthz',
    async ({ health }) => {
      const { ok, checks } = await Promise.race([health(), tooSlow()]).catch((): Health => FAILED);
      const body = `${JSON.stringify({ ok, checks })}\n`;
      return { status: ok ? 200 : 503, type: 'application/json', body };
    },
  ],
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

/**
 * A page in somebody's browser can make a name of its own point here, and read what this serves. So the name in a
 * request must be one that only this machine or its network gives out.
 */
function isAddressedTo(header: string, boundHost: string): boolean {
  if (!/^[\w.:[\]-]+$/.test(header) || !URL.canParse(`http://${header}`)) {
    return false;
  }
  const name = new URL(`http://${header}`).hostname.replace(/^\[|\]$/g, '');
  const everywhere = boundHost === '0.0.0.0' || boundHost === '::';
  return (
    name === 'localhost' ||
    name === '::1' ||
    /^127(\.\d{1,3}){3}$/.test(name) ||
    name === boundHost.toLowerCase() ||
    (everywhere && (isIP(name) !== 0 || !name.includes('.')))
  );
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

function mended(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new UserError(
        `Port ${port} of ${host} is taken. Set MONITORING_PORT to a free port, or to off.`,
        { cause: error },
      );
    case 'EACCES':
      return new UserError(
        `Port ${port} may not be used by this user. Set MONITORING_PORT to a port from 1024, or to off.`,
        { cause: error },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new UserError(
        `MONITORING_HOST is ${host}, which is not an address of this machine. 127.0.0.1 is one, 0.0.0.0 means all.`,
        { cause: error },
      );
    default:
      return error;
  }
}
