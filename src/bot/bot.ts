import { Events, Status, Team, type Client, type Interaction } from 'discord.js';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Status as BotStatus } from '../commands/status.js';
import type { Config, DiscordConfig } from '../config.js';
import type { JobQueue } from '../inference/queue.js';
import type { Metrics } from '../monitoring/metrics.js';
import type { BotContext } from './bot-context.js';
import { createClient } from './client.js';
import { Cooldown } from './cooldown.js';
import { explainDiscordError } from './discord-errors.js';
import { dispatch } from './dispatch.js';
import { DownloadSlots } from './download-slots.js';
import { FirstResponses } from './first-responses.js';
import { InteractionOrigins } from './interaction-origins.js';
import { inviteLink } from './invite-link.js';
import { PendingPictures } from './pending-pictures.js';
import { RecentPictures } from './recent-pictures.js';
import { registerCommands } from './registration.js';
import { resumeUnanswered } from './resume-unanswered.js';
import { JobEnded, RunningJobs } from './running-jobs.js';
import { UnansweredStore } from './unanswered/unanswered-store.js';

/** Those who still wait for their sentence when the running job's time is up get this long. Milliseconds. */
const LAST_WORDS = 5000;

export interface BotOptions {
  readonly config: Config;
  /** Discord's token of the bot. */
  readonly token: string;
  readonly inference: JobQueue;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** What `/status` shows. */
  readonly status: () => BotStatus;
}

/** The bot, connected to Discord. */
export class Bot {
  readonly #context: BotContext;

  private constructor(context: BotContext) {
    this.#context = context;
  }

  /**
   * Connects to Discord, tells it of the commands where they have changed, and answers from then on.
   *
   * @throws {UserError} Discord does not accept the token, or can't be reached
   */
  static async start({ token, ...options }: BotOptions): Promise<Bot> {
    const { config, log } = options;
    const client = createClient(config.discord);
    const origins = new InteractionOrigins(client);
    logConnection(client, log);
    // What comes before all is ready waits for it.
    const early: Interaction[] = [];
    const keep = (interaction: Interaction): unknown => early.push(interaction);
    client.on(Events.InteractionCreate, keep);
    const ready = await login(client, token, config.discord);
    const context: BotContext = {
      ...options,
      client: ready,
      origins,
      owners: await ownersOf(ready),
      accepting: true,
      cooldown: new Cooldown(config.limits.cooldownSeconds),
      othersAnswer: false,
      firstResponses: new FirstResponses(ready.rest),
      jobs: new RunningJobs(),
      recent: new RecentPictures(),
      pending: new PendingPictures(),
      downloads: new DownloadSlots(),
      unanswered: await UnansweredStore.open(config.store, log),
    };
    await resumeUnanswered(context);
    client.off(Events.InteractionCreate, keep);
    client.on(Events.InteractionCreate, (interaction) => void dispatch(context, interaction));
    early.forEach((interaction) => void dispatch(context, interaction));
    await announceCommands(context);
    return new Bot(context);
  }

  /** The address with which an owner adds the bot to a server, and a person to their account. */
  get inviteLink(): string {
    return inviteLink(this.#context.client.application.id);
  }

  /** True while Discord's gateway is connected. */
  get connected(): boolean {
    return this.#context.client.ws.shards.every(({ status }) => status === Status.Ready);
  }

  /** The name that members see. */
  get name(): string {
    return this.#context.client.user.tag;
  }

  /** How many servers the bot is a member of. */
  get servers(): number {
    return this.#context.client.guilds.cache.size;
  }

  /**
   * Leaves cleanly: takes nothing new, tells those who wait, lets the running job finish until its time is up, and
   * disconnects. The model is left to the caller.
   */
  async stop(): Promise<void> {
    const { client, config, inference, jobs, unanswered } = this.#context;
    this.#context.accepting = false;
    inference.stopAccepting(new JobEnded('restarting'));
    await Promise.race([jobs.idle(), sleep(config.limits.shutdownSeconds * 1000, undefined, { ref: false })]);
    jobs.endAll('restarting');
    await Promise.race([jobs.idle(), sleep(LAST_WORDS, undefined, { ref: false })]);
    await client.destroy();
    await unanswered.close();
  }
}

async function login(client: Client, token: string, discord: DiscordConfig): Promise<Client<true>> {
  const ready = once(client, Events.ClientReady);
  // An error of the connection itself is logged, and must not end the waiting.
  ready.catch(() => undefined);
  try {
    await client.login(token);
  } catch (error) {
    await client.destroy();
    throw explainDiscordError(error, discord);
  }
  await ready;
  return client as Client<true>;
}

async function ownersOf({ application }: Client<true>): Promise<ReadonlySet<string>> {
  const { owner } = await application.fetch();
  if (owner instanceof Team) {
    return new Set(owner.members.keys());
  }
  return new Set(owner === null ? [] : [owner.id]);
}

/** Without its commands registered the bot still answers those that are, so that a failure here is no end. */
async function announceCommands({ client, config, log }: BotContext): Promise<void> {
  const { server } = config.discord;
  try {
    const result = await registerCommands({
      rest: client.rest,
      applicationId: client.application.id,
      server,
    });
    log.info({ server: server ?? 'all' }, `commands ${result}`);
  } catch (error) {
    log.error({ err: error }, 'the commands could not be registered; glimpse register tries again');
  }
}

function logConnection(client: Client, log: Logger): void {
  client.on(Events.Error, (error) => {
    log.error({ err: error }, 'an error of the connection to Discord');
  });
  client.on(Events.Warn, (warning) => {
    log.warn(warning);
  });
  client.on(Events.ShardReady, () => {
    log.info('connected to Discord');
  });
  client.on(Events.ShardDisconnect, ({ code }) => {
    log.warn({ code }, 'disconnected from Discord');
  });
  client.on(Events.ShardReconnecting, () => {
    log.info('reconnecting to Discord');
  });
  client.on(Events.ShardResume, (_shard, replayed) => {
    log.info({ replayed }, 'connected to Discord again');
  });
}
