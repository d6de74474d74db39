import { Events, type Client } from 'discord.js';
import type { Logger } from 'pino';
import type { DiscordConfig } from '../config.js';
import { UserError } from '../errors.js';
import { explainDiscordError } from './discord-errors.js';
import { registerCommands } from './registration.js';

/**
 * Tells Discord of the commands: at the start, and where one server alone is to have them, when the bot has come into
 * it. Without its commands registered the bot still answers those that are, so that a failure is no end.
 */
export class CommandAnnouncer {
  readonly #client: Client<true>;
  readonly #discord: DiscordConfig;
  readonly #log: Logger;
  #told = false;
  #telling = Promise.resolve();

  constructor(client: Client<true>, discord: DiscordConfig, log: Logger) {
    this.#client = client;
    this.#discord = discord;
    this.#log = log;
    client.on(Events.GuildCreate, ({ id }) => {
      if (id === discord.server) {
        // It may have been there before, been sent away, and its commands with it.
        this.#told = false;
        void this.announce();
      }
    });
    client.on(Events.GuildAvailable, ({ id }) => {
      if (id === discord.server) {
        void this.announce();
      }
    });
  }

  /** Never throws. */
  async announce(): Promise<void> {
    this.#telling = this.#telling.then(() => this.#announceOnce());
    await this.#telling;
  }

  async #announceOnce(): Promise<void> {
    if (this.#told) {
      return;
    }
    const { rest, application } = this.#client;
    const { server } = this.#discord;
    try {
      const result = await registerCommands({ rest, applicationId: application.id, server });
      this.#told = true;
      this.#log.info({ server: server ?? 'all' }, `commands ${result}`);
    } catch (error) {
      this.#tell(explainDiscordError(error, this.#discord));
    }
  }

  #tell(error: unknown): void {
    const { server } = this.#discord;
    if (error instanceof UserError) {
      const then =
        server === undefined ? 'glimpse register tries again' : 'they come when the bot is in the server';
      this.#log.warn(
        { server: server ?? 'all', reason: error.message },
        `the commands are not registered; ${then}`,
      );
      process.stderr.write(`${error.message}\n`);
    } else {
      this.#log.error({ err: error }, 'the commands could not be registered; glimpse register tries again');
    }
  }
}
