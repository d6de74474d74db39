import { Bot } from '../../src/bot/bot.js';
import { DEMO_MODEL, readConfig, type Config } from '../../src/config.js';
import type { Inference } from '../../src/inference/inference.js';
import { LocalInference } from '../../src/inference/local-inference.js';
import { PaliGemma } from '../../src/inference/paligemma/engine.js';
import { JobQueue } from '../../src/inference/queue.js';
import { createLogger } from '../../src/monitoring/log.js';
import { Metrics } from '../../src/monitoring/metrics.js';
import { StrictDiscord, type StrictDiscordOptions } from './discord/strict-discord.js';
import { HeldInference } from './held-inference.js';

/** The bot in this process, connected to a strict Discord. */
export interface BotUnderTest {
  readonly discord: StrictDiscord;
  readonly bot: Bot;
  /** What stands between the queue and the model. */
  readonly inference: HeldInference;
  readonly metrics: Metrics;
  /** The lines of the log, as JSON. */
  readonly logLines: string[];
  /** Stops the bot as SIGTERM does, and leaves Discord running. */
  stop(): Promise<void>;
  /** Stops the bot if need be and starts it again, with nothing remembered. */
  restart(): Promise<void>;
  /** Stops everything. */
  close(): Promise<void>;
}

/**
 * @param settings as in `.env`
 * @param discordOptions of the Discord that it connects to
 * @param open what answers; the demo model in this process, unless given
 */
export async function startBot(
  settings: Record<string, string> = {},
  discordOptions: StrictDiscordOptions = {},
  open: () => Promise<Inference> = openDemo,
): Promise<BotUnderTest> {
  const discord = await StrictDiscord.start(discordOptions);
  const config = readConfig({
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.apiUrl,
    ATTACHMENT_HOSTS: discord.attachmentHost,
    MONITORING_PORT: 'off',
    STORE: 'off',
    LOG_LEVEL: 'debug',
    ...settings,
  });
  const logLines: string[] = [];
  const started = async (): Promise<
    Pick<BotUnderTest, 'bot' | 'inference' | 'metrics'> & { queue: JobQueue }
  > => {
    const inference = new HeldInference(await open());
    return { inference, ...(await connect(config, inference, logLines)) };
  };
  let running: Awaited<ReturnType<typeof started>> | undefined = await started();
  const current = (): NonNullable<typeof running> => {
    if (running === undefined) {
      throw new Error('The bot is stopped.');
    }
    return running;
  };
  const stop = async (): Promise<void> => {
    if (running !== undefined) {
      await running.bot.stop();
      await running.queue.close();
      running = undefined;
    }
  };
  return {
    discord,
    logLines,
    get bot() {
      return current().bot;
    },
    get inference() {
      return current().inference;
    },
    get metrics() {
      return current().metrics;
    },
    stop,
    restart: async () => {
      await stop();
      running = await started();
    },
    close: async () => {
      running?.inference.release();
      await stop();
      await discord.close();
    },
  };
}

async function openDemo(): Promise<Inference> {
  return new LocalInference(await PaliGemma.load(DEMO_MODEL));
}

async function connect(
  config: Config,
  inference: HeldInference,
  logLines: string[],
): Promise<{ bot: Bot; queue: JobQueue; metrics: Metrics }> {
  const { token } = config.discord;
  const { limits } = config;
  const metrics = new Metrics();
  const queue = new JobQueue(inference, {
    limits: { waiting: limits.waiting, perRequester: limits.perMember, longestWaitMs: 13 * 60_000 },
  });
  const log = createLogger(config.monitoring.logLevel, { write: (line: string) => logLines.push(line) });
  const startedAt = new Date();
  const bot = await Bot.start({
    config,
    token: token ?? '',
    inference: queue,
    log,
    metrics,
    status: () => ({
      model: 'demo',
      provider: 'cpu, fp32',
      waiting: queue.snapshot().waiting,
      running: queue.snapshot().running ? 1 : 0,
      medians: queue.snapshot().medians,
      startedAt,
      workerRestarts: 0,
      gatewayMemory: process.memoryUsage.rss(),
    }),
  });
  return { bot, queue, metrics };
}
