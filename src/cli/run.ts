import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { Bot } from '../bot/bot.js';
import { DEMO_MODEL, type Config, type MonitoringConfig } from '../config.js';
import { UserError } from '../errors.js';
import {
  startHealthServer,
  type HealthServer,
  type HealthServerOptions,
} from '../monitoring/health-server.js';
import { createLogger } from '../monitoring/log.js';
import { Metrics } from '../monitoring/metrics.js';
import type { Playground } from '../playground/playground.js';
import { startModelService, type ModelService } from './model-service.js';

/** What the parts of a running Glimpse have in common. */
interface Parts {
  readonly config: Config;
  readonly service: ModelService;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/**
 * Runs the bot where there is a token, and the playground where it is open, until the process is told to stop. Both lead
 * to one model through one queue.
 *
 * @throws {UserError} there is neither, the model can't be loaded, Discord does not accept the token, or the playground
 * is alone and can't be opened
 */
export async function run(config: Config): Promise<void> {
  if (config.discord.token === undefined && !config.playground.open) {
    throw new UserError('There is nothing to start: set DISCORD_TOKEN, or PLAYGROUND to on.');
  }
  const log = createLogger(config.monitoring.logLevel);
  const metrics = new Metrics();
  const service = await startModelService(config, log, metrics);
  const parts = { config, service, log, metrics };
  let bot: Bot | undefined;
  let playground: Playground | undefined;
  try {
    bot = await startBot(parts);
    playground = await openPlayground(parts);
  } catch (error) {
    await bot?.stop();
    await service.inference.close();
    throw error;
  }
  const stopped = waitForSignal();
  const health = await serveHealth(config.monitoring, log, {
    metrics,
    health: () => {
      const connected = bot?.connected ?? true;
      const model = service.health();
      const checks = {
        ...(bot === undefined ? {} : { discord: connected ? 'ok' : 'not connected' }),
        model,
      };
      return Promise.resolve({ ok: connected && model === 'ok', checks });
    },
  });
  log.info({ bot: bot?.name, servers: bot?.servers, playground: playground?.address }, 'ready');
  greet(bot, playground);

  log.info({ signal: await stopped }, 'stopping');
  // The playground first: it tells those who wait in its own words before the queue refuses them.
  await Promise.all([playground?.stop(), bot?.stop()]);
  await service.inference.close();
  await health?.close();
  log.info('stopped');
}

async function startBot({ config, service, log, metrics }: Parts): Promise<Bot | undefined> {
  const { token } = config.discord;
  if (token === undefined) {
    return undefined;
  }
  // Loaded here: the playground alone needs no client of Discord.
  const { Bot } = await import('../bot/bot.js');
  const { inference, status } = service;
  return Bot.start({ config, token, inference, log, metrics, status });
}

/** The bot runs without a playground where that can't be opened. */
async function openPlayground({ config, service, log, metrics }: Parts): Promise<Playground | undefined> {
  const { open, host, port, token, address } = config.playground;
  if (!open) {
    return undefined;
  }
  const { Playground } = await import('../playground/playground.js');
  const { model, provider } = service.status();
  try {
    return await Playground.start({
      host,
      port,
      token,
      publicAddress: address,
      inference: service.inference,
      model: { name: model, runsOn: provider, demo: resolve(config.model) === resolve(DEMO_MODEL) },
      limits: config.limits,
      log,
      metrics,
    });
  } catch (error) {
    if (!(error instanceof UserError) || config.discord.token === undefined) {
      throw error;
    }
    log.warn(error.message);
    return undefined;
  }
}

/** Tells the owner at the terminal what to do next. */
function greet(bot: Bot | undefined, playground: Playground | undefined): void {
  if (bot !== undefined) {
    process.stderr.write(`${bot.name} is online. To invite it to a server: ${bot.inviteLink}\n`);
  }
  if (playground !== undefined) {
    process.stderr.write(`The playground is open: ${playground.address}\n`);
  }
  if (bot === undefined) {
    process.stderr.write(
      'To connect Glimpse to Discord, put DISCORD_TOKEN into the file .env; README.md tells where to get it.\n',
    );
  }
}

/** Resolves with the name of the first signal that asks the process to stop; a second one ends it at once. */
async function waitForSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolveWith) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, resolveWith);
    }
  });
}

/** Glimpse runs without a health server where its port can't be had. */
async function serveHealth(
  { host, port, names }: MonitoringConfig,
  log: Logger,
  options: Pick<HealthServerOptions, 'metrics' | 'health'>,
): Promise<HealthServer | undefined> {
  if (port === undefined) {
    return undefined;
  }
  try {
    return await startHealthServer({ host, port, ...(names === undefined ? {} : { names }), ...options });
  } catch (error) {
    if (!(error instanceof UserError)) {
      throw error;
    }
    log.warn(error.message);
    return undefined;
  }
}
