import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BotProcess } from '../../test/support/bot-process.js';
import {
  StrictDiscord,
  type Attachment,
  type Interaction,
  type Member,
  type Server,
} from '../../test/support/discord/strict-discord.js';
import { redCircle } from '../../test/support/drawn-pictures.js';

/** What a section tortures: the built bot with the demo model, and a strict Discord of its own. */
export class Ground {
  readonly discord: StrictDiscord;
  readonly server: Server;
  readonly members: readonly Member[];
  /** A picture of a red circle. */
  readonly picture: Attachment;
  /** The folder of requests that have no answer yet. */
  readonly store: string;
  readonly #settings: Readonly<Record<string, string>>;
  #bot: BotProcess;

  private constructor(
    discord: StrictDiscord,
    { png }: { readonly png: Uint8Array },
    { bot, store, server, members, settings }: Started,
  ) {
    this.discord = discord;
    this.picture = discord.upload(png, { name: 'circle.png' });
    this.store = store;
    this.server = server;
    this.members = members;
    this.#settings = settings;
    this.#bot = bot;
  }

  /**
   * @param settings as in `.env`, beside those that reach the strict Discord
   */
  static async open(members: number, settings: Readonly<Record<string, string>> = {}): Promise<Ground> {
    const discord = await StrictDiscord.start();
    const server = discord.addServer();
    const store = await mkdtemp(join(tmpdir(), 'glimpse-torture-'));
    const all = {
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
      ATTACHMENT_HOSTS: discord.attachmentHost,
      MONITORING_PORT: 'off',
      STORE: store,
      ...settings,
    };
    return new Ground(discord, await redCircle(), {
      bot: await BotProcess.start(all, 'build'),
      store,
      server,
      members: Array.from({ length: members }, () => discord.addMember({ server })),
      settings: all,
    });
  }

  get bot(): BotProcess {
    return this.#bot;
  }

  /** Starts the bot anew, which has ended. */
  async startAgain(): Promise<void> {
    this.#bot = await BotProcess.start(this.#settings, 'build');
  }

  /** Ends all; what Discord has complained of is told. */
  async close(): Promise<void> {
    for (const { rule, detail, request } of this.discord.violations) {
      process.stderr.write(`violation: ${rule} ${detail} ${request ?? ''}\n`);
    }
    await this.#bot.stop();
    await this.discord.close();
    await rm(this.store, { recursive: true });
  }
}

interface Started {
  readonly bot: BotProcess;
  readonly store: string;
  readonly server: Server;
  readonly members: readonly Member[];
  readonly settings: Readonly<Record<string, string>>;
}

/** Whether the answer is there, with what can be done with it. */
export function isAnswered(interaction: Interaction): boolean {
  return interaction.message()?.buttons.some(({ label }) => label === 'Ask more') === true;
}

/** The value below which so many percent of the values lie. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.at(Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))) ?? Number.NaN;
}
