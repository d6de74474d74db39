import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { connect } from 'node:net';
import { downloadPicture } from '../../src/bot/attachment-download.js';
import { publicAgent, type Resolver } from '../../src/bot/public-addresses.js';
import { readConfig } from '../../src/config.js';
import { startHealthServer, type HealthServer } from '../../src/monitoring/health-server.js';
import { Metrics } from '../../src/monitoring/metrics.js';
import { AttachmentHost, MISDEEDS } from '../../test/support/hostile/attachment-host.js';
import type { TortureReport, TortureSection } from './section.js';

const ROUNDS = 20;
const TIME_LIMIT = 1000;
/** A name that points here, from the first or the second look-up on. */
const REBINDING = [['127.0.0.1'], ['169.254.169.254'], ['10.0.0.1', '::1'], ['::ffff:127.0.0.1']];
const FOREIGN_NAMES = [
  'example.org',
  'localhost.example.org',
  '127.0.0.1.example.org',
  '192.0.2.1',
  'a@localhost',
  'router',
];

/** The host of attachments means no good, and so does who looks at the health port. */
export const hostileNetwork: TortureSection = {
  name: 'hostile network',
  run: async (report) => {
    await download(report);
    await rebind(report);
    await lookAtHealth(report);
  },
};

async function download(report: TortureReport): Promise<void> {
  let slowest = 0;
  const taken: string[] = [];
  const downloads = Object.entries(MISDEEDS).flatMap(([name, misdeed]) =>
    Array.from({ length: ROUNDS }, async () => {
      const host = await AttachmentHost.start(misdeed);
      const started = performance.now();
      const outcome = await attempt(`http://${host.name}/a.png`, host.name);
      slowest = Math.max(slowest, performance.now() - started);
      host.close();
      if (outcome === 'taken') {
        taken.push(name);
      }
    }),
  );
  await Promise.all(downloads);
  report.figure(
    `downloads from ${Object.keys(MISDEEDS).length} kinds of bad hosts that were taken`,
    taken.length,
    {
      goal: `0 of ${downloads.length}`,
      met: taken.length === 0,
    },
  );
  report.figure('the longest of them, where 1 s is the limit', `${(slowest / 1000).toFixed(1)} s`, {
    goal: 'under 2 s',
    met: slowest < 2 * TIME_LIMIT,
  });
}

/** An allowed name points to this machine or its network: no connection may be made. */
async function rebind(report: TortureReport): Promise<void> {
  const victim = await AttachmentHost.start((_request, response) => response.end('secret'));
  let taken = 0;
  const name = `cdn.example.org:${victim.port}`;
  for (const addresses of REBINDING) {
    // The first look-up fails, so that there is a second.
    for (const failures of [0, 1]) {
      const resolve = resolverOf(addresses, failures);
      const outcome = await attempt(`https://${name}/a.png`, name, resolve);
      taken += outcome === 'taken' ? 1 : 0;
    }
  }
  report.figure(
    'names that point here, at the first or the second look-up: downloads, connections',
    `${taken}, ${victim.requests}`,
    {
      goal: '0, 0',
      met: taken === 0 && victim.requests === 0,
    },
  );
  victim.close();
}

async function attempt(url: string, host: string, resolve?: Resolver): Promise<'taken' | 'refused'> {
  try {
    await downloadPicture(url, {
      hosts: [host],
      maxBytes: 2 ** 20,
      timeoutMs: TIME_LIMIT,
      signal: new AbortController().signal,
      ...(resolve === undefined ? {} : { agent: publicAgent([], resolve) }),
    });
    return 'taken';
  } catch {
    return 'refused';
  }
}

function resolverOf(addresses: readonly string[], failures: number): Resolver {
  let left = failures;
  return (_hostname, _options, callback) => {
    if (left > 0) {
      left--;
      callback(Object.assign(new Error('The name can not be looked up now.'), { code: 'EAI_AGAIN' }), []);
    } else {
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    }
  };
}

/** The health port, as it is unless told otherwise. */
async function lookAtHealth(report: TortureReport): Promise<void> {
  const { host } = readConfig({}).monitoring;
  const server = await startHealthServer({
    host,
    port: 0,
    metrics: new Metrics(),
    health: () => Promise.resolve({ ok: true, checks: {} }),
  });
  const statuses = await Promise.all(FOREIGN_NAMES.map((name) => statusFor(server, host, name)));
  const served = statuses.filter((status) => status === 200).length;
  report.figure('requests to the health port under a foreign name that were served', served, {
    goal: `0 of ${FOREIGN_NAMES.length}`,
    met: served === 0 && (await statusFor(server, host, 'localhost')) === 200,
  });
  const others = addressesOfThisMachine();
  const open = await Promise.all(others.map((address) => isOpen(address, server.port)));
  report.figure(
    'addresses of this machine beside loopback at which it is open',
    open.filter(Boolean).length,
    {
      goal: `0 of ${others.length}`,
      met: !open.includes(true),
    },
  );
  await server.close();
}

async function statusFor({ port }: HealthServer, host: string, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ host, port, path: '/healthz', headers: { host: name } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

function addressesOfThisMachine(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, scopeid }) => !internal && (scopeid ?? 0) === 0)
    .map(({ address }) => address);
}

async function isOpen(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: 1000 });
    const end = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => {
      end(true);
    });
    socket.once('error', () => {
      end(false);
    });
    socket.once('timeout', () => {
      end(false);
    });
  });
}
