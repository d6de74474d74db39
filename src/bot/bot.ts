import { Events, type Interaction } from 'discord.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Status as BotStatus } from '../commands/status.js';
import type { Config } from '../config.js';
import type { JobQueue } from '../inference/queue.js';
import type { Metrics } from '../monitoring/metrics.js';
import type { BotContext } from './bot-context.js';
import { createClient } from './client.js';
import { CommandAnnouncer } from './command-announcer.js';
import { Connection } from './connection.js';
import { Cooldown } from './cooldown.js';
import { dispatch } from './dispatch.js';
import { DownloadSlots } from './download-slots.js';
import { FirstResponses } from './first-responses.js';
import { InteractionOrigins } from './interaction-origins.js';
import { accountLink, inviteLink } from './invite-link.js';
import { Owners } from './owners.js';
import { PendingPictures } from './pending-pictures.js';
import { RecentPictures } from './recent-pictures.js';
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
  readonly #connection: Connection;
  readonly #context: BotContext;

  private constructor(connection: Connection, context: BotContext) {
    this.#connection = connection;
    this.#context = context;
  }

  /**
   * Connects to Discord, tells it of the commands where they have changed, and answers from then on.
   *
   * @throws {UserError} Discord does not accept the token, can't be reached, or does not let the bot connect
   */
  static async start({ token, ...options }: BotOptions): Promise<Bot> {
    const { config, log } = options;
    const created = createClient(config.discord);
    const origins = new InteractionOrigins(created);
    // What comes before all is ready waits for it.
    const early: Interaction[] = [];
    const keep = (interaction: Interaction): unknown => early.push(interaction);
    created.on(Events.InteractionCreate, keep);
    const connection = await Connection.open(created, { discord: config.discord, token, log });
    try {
      const { client } = connection;
      const context: BotContext = {
        ...options,
        client,
        origins,
        owners: new Owners(client),
        accepting: true,
        cooldown: new Cooldown(config.limits.cooldownSeconds),
        othersAnswer: false,
        firstResponses: new FirstResponses(client.rest),
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
      await new CommandAnnouncer(client, config.discord, log).announce();
      return new Bot(connection, context);
    } catch (error) {
      // Otherwise it would seem to be there, and answer nobody.
      await connection.close();
      throw error;
    }
  }

  /** Resolves with the reason when Discord has ended the connection for good: an error for the owner. */
  get ended(): Promise<unknown> {
    return this.#connection.ended;
  }

  /** The address with which an owner adds the bot to a server. */
  get inviteLink(): string {
    const { client, config } = this.#context;
    return inviteLink(client.application.id, config.discord.server);
  }

  /** The address with which a person adds it to their account; undefined where one server alone has the commands. */
  get accountLink(): string | undefined {
    const { client, config } = this.#context;
    return config.discord.server === undefined ? accountLink(client.application.id) : undefined;
  }

  /** True while Discord's gateway is connected. */
  get connected(): boolean {
    return this.#connection.ready;
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
    const { config, inference, jobs, unanswered } = this.#context;
    this.#context.accepting = false;
    inference.stopAccepting(new JobEnded('restarting'));
    await Promise.race([jobs.idle(), sleep(config.limits.shutdownSeconds * 1000, undefined, { ref: false })]);
    jobs.endAll('restarting');
    await Promise.race([jobs.idle(), sleep(LAST_WORDS, undefined, { ref: false })]);
    await this.#connection.close();
    await unanswered.close();
  }
}
