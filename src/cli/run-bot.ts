import type { Logger } from 'pino';
import { Bot } from '../bot/bot.js';
import type { Config, MonitoringConfig } from '../config.js';
import { UserError } from '../errors.js';
import {
  startHealthServer,
  type HealthServer,
  type HealthServerOptions,
} from '../monitoring/health-server.js';
import { createLogger } from '../monitoring/log.js';
import { Metrics } from '../monitoring/metrics.js';
import { startModelService } from './model-service.js';

/**
 * Runs the bot until the process is told to stop.
 *
 * @throws {UserError} the model can't be loaded, or Discord does not accept the token
 */
export async function runBot(config: Config, token: string): Promise<void> {
  const log = createLogger(config.monitoring.logLevel);
  const metrics = new Metrics();
  const { inference, isReady, status } = await startModelService(config, log, metrics);
  const bot = await Bot.start({ config, token, inference, log, metrics, status }).catch(
    async (error: unknown) => {
      await inference.close();
      throw error;
    },
  );
  const stopped = waitForSignal();
  const health = await serveHealth(config.monitoring, log, {
    metrics,
    health: () => {
      const checks = {
        discord: bot.connected ? 'ok' : 'not connected',
        model: isReady() ? 'ok' : 'being started again',
      };
      return Promise.resolve({ ok: bot.connected && isReady(), checks });
    },
  });
  log.info({ bot: bot.name, servers: bot.servers }, 'ready');
  process.stderr.write(`${bot.name} is online. To invite it to a server: ${bot.inviteLink}\n`);

  log.info({ signal: await stopped }, 'stopping');
  await bot.stop();
  await inference.close();
  await health?.close();
  log.info('stopped');
}

/** Resolves with the name of the first signal that asks the process to stop; a second one ends it at once. */
async function waitForSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, resolve);
    }
  });
}

/** The bot runs without a health server where its port can't be had. */
async function serveHealth(
  { host, port }: MonitoringConfig,
  log: Logger,
  options: Pick<HealthServerOptions, 'metrics' | 'health'>,
): Promise<HealthServer | undefined> {
  if (port === undefined) {
    return undefined;
  }
  try {
    return await startHealthServer({ host, port, ...options });
  } catch (error) {
    if (!(error instanceof UserError)) {
      throw error;
    }
    log.warn(error.message);
    return undefined;
  }
}
