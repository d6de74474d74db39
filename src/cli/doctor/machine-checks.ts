import { once } from 'node:events';
import { createServer } from 'node:net';
import { availableParallelism, freemem, totalmem } from 'node:os';
import type { MonitoringConfig } from '../../config.js';
import { UserError } from '../../errors.js';
import { NATIVE_PACKAGES, requireNativePart } from '../../native-parts.js';
import type { Check, Finding } from './finding.js';

const GIBIBYTE = 2 ** 30;
/** What Glimpse is written for; package.json says the same. */
const OLDEST_NODE = [20, 11] as const;

export const nodeCheck: Check = { name: 'Node.js', look: () => Promise.resolve(lookAtNode()) };

function lookAtNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
    ? { verdict: 'ok', says: `${process.versions.node} on ${process.platform} ${process.arch}.` }
    : {
        verdict: 'problem',
        says: `${process.versions.node} is too old.`,
        mend: `Install Node.js ${OLDEST_NODE.join('.')} or newer.`,
      };
}

/** Whether what is made for one kind of system alone can be loaded on this one. */
export const nativePartsCheck: Check = {
  name: 'Native parts',
  look: async () => {
    const problems: string[] = [];
    for (const { name } of NATIVE_PACKAGES) {
      try {
        await requireNativePart(name);
      } catch (error) {
        if (!(error instanceof UserError)) {
          throw error;
        }
        problems.push(error.message);
      }
    }
    return problems.length === 0
      ? { verdict: 'ok', says: `${NATIVE_PACKAGES.map(({ name }) => name).join(', ')} can be loaded.` }
      : { verdict: 'problem', says: problems.join(' ') };
  },
};

export const machineCheck: Check = {
  name: 'Machine',
  look: () => {
    const cores = availableParallelism();
    const memory = (bytes: number): string => `${(bytes / GIBIBYTE).toFixed(1)} GiB`;
    return Promise.resolve({
      verdict: 'ok',
      says: `${cores} ${cores === 1 ? 'core' : 'cores'}, ${memory(totalmem())} of memory, ${memory(freemem())} of it free.`,
    });
  },
};

export const labelsCheck: Check = {
  name: 'Labels',
  look: async () => {
    // Loaded here: it has a native part, which may not be there.
    const { missingScripts } = await import('../../rendering/font-coverage.js');
    const missing = missingScripts();
    return missing.length === 0
      ? { verdict: 'ok', says: 'Every script that was tried can be drawn.' }
      : {
          verdict: 'note',
          says: `There is no font here for labels in ${missing.join(', ')}.`,
          mend: 'Install one; on Debian and Ubuntu: apt install fonts-noto-cjk fonts-noto-core',
        };
  },
};

/** Whether the port of `/healthz` and `/metrics` is free. */
export function monitoringCheck({ host, port }: MonitoringConfig): Check {
  return {
    name: 'Monitoring',
    look: async () => {
      if (port === undefined) {
        return {
          verdict: 'note',
          says: 'It is off.',
          mend: 'Set MONITORING_PORT for /healthz and /metrics.',
        };
      }
      return (await isFree(host, port))
        ? { verdict: 'ok', says: `Port ${port} of ${host} is free.` }
        : {
            verdict: 'note',
            says: `Port ${port} of ${host} is taken, maybe by a bot that is running already.`,
            mend: 'Set MONITORING_PORT to another port, or to off.',
          };
    },
  };
}

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
