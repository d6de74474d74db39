import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { Bot } from '../bot/bot.js';
import { DEMO_MODEL, type Config, type MonitoringConfig } from '../config.js';
import { UserError } from '../errors.js';
import {
  startHealthServer,
  type Health,
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

/** What runs already. */
interface Running {
  service?: ModelService;
  bot?: Bot | undefined;
  playground?: Playground | undefined;
}

/** What is left when all is stopped, such as a connection that hangs, is not waited for longer. Milliseconds. */
const LINGERING = 10_000;

/**
 * Runs the bot where there is a token, and the playground where it is open, until the process is told to stop. Both lead
 * to one model through one queue.
 *
 * @throws {UserError} there is neither, the model can't be loaded, Discord does not accept the token or ends the
 * connection for good, or the playground is alone and can't be opened
 */
export async function run(config: Config): Promise<void> {
  if (config.discord.token === undefined && !config.playground.open) {
    throw new UserError('There is nothing to start: set DISCORD_TOKEN, or PLAYGROUND to on.');
  }
  const log = createLogger(config.monitoring.logLevel);
  const metrics = new Metrics();
  const running: Running = {};
  const health = await serveHealth(config.monitoring, log, {
    metrics,
    health: () => Promise.resolve(healthOf(running, config)),
  });
  try {
    const service = (running.service = await startModelService(config, log, metrics));
    const parts = { config, service, log, metrics };
    const bot = (running.bot = await startBot(parts));
    const playground = (running.playground = await openPlayground(parts));
    const signal = waitForSignal();
    log.info({ bot: bot?.name, servers: bot?.servers, playground: playground?.address }, 'ready');
    greet(bot, playground);
    const received = await (bot === undefined ? signal : Promise.race([signal, failureOf(bot, log)]));
    log.info({ signal: received }, 'stopping');
  } finally {
    // The playground first: it tells those who wait in its own words before the queue refuses them.
    await Promise.all([running.playground?.stop(), running.bot?.stop()]);
    await running.service?.inference.close();
    await health?.close();
    log.info('stopped');
    setTimeout(() => process.exit(), LINGERING).unref();
  }
}

/** Throws when Discord has ended the bot's connection for good: a bot that nobody reaches has to be started again. */
async function failureOf(bot: Bot, log: Logger): Promise<never> {
  const error = await bot.ended;
  log.error({ err: error }, 'Discord has ended the connection; stopping');
  throw error;
}

function healthOf({ service, bot }: Running, { discord }: Config): Health {
  const model = service === undefined ? 'being loaded' : service.health();
  const connection = bot?.connected === true ? 'ok' : 'not connected';
  const checks = { ...(discord.token === undefined ? {} : { discord: connection }), model };
  return { ok: Object.values(checks).every((check) => check === 'ok'), checks };
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
    if (bot.accountLink !== undefined) {
      process.stderr.write(`To add it to your own account, for use everywhere: ${bot.accountLink}\n`);
    }
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

/** Resolves with the signal that asks the process to stop; a second one, the same or not, ends it at once. */
async function waitForSignal(): Promise<NodeJS.Signals> {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  return new Promise((resolveWith) => {
    const stop = (received: NodeJS.Signals): void => {
      for (const signal of signals) {
        process.off(signal, stop);
      }
      resolveWith(received);
    };
    for (const signal of signals) {
      process.on(signal, stop);
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
