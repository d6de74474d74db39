import { Events, Status, type Client } from 'discord.js';
import type { Logger } from 'pino';
import type { DiscordConfig } from '../config.js';
import { explainDiscordError } from './discord-errors.js';
import { gatewayEnd } from './gateway-end.js';

export interface ConnectionOptions {
  readonly discord: DiscordConfig;
  readonly token: string;
  readonly log: Logger;
}

/** The connection to Discord's gateway: as many shards as Discord recommends, all in this process. */
export class Connection {
  readonly client: Client<true>;
  /** Resolves with the reason when Discord has ended the connection, or a part of it, for good. */
  readonly ended: Promise<unknown>;

  private constructor(client: Client<true>, ended: Promise<unknown>) {
    this.client = client;
    this.ended = ended;
  }

  /**
   * Resolves when the first shard is there; the others follow.
   *
   * @param client not logged in yet; who listens to it already misses nothing
   * @throws {UserError} Discord does not accept the token, can't be reached, or ends the connection for good
   */
  static async open(client: Client, { discord, token, log }: ConnectionOptions): Promise<Connection> {
    logConnection(client, log);
    const opened = openWithFirstShard(client);
    const ended = Promise.race([endOfAShard(client), failureOfLogin(client, token, discord)]);
    const first = await Promise.race([opened, ended.then((reason) => ({ reason }))]);
    if (first !== undefined) {
      await client.destroy();
      throw first.reason;
    }
    return new Connection(client as Client<true>, ended);
  }

  /** True while every shard is connected. */
  get ready(): boolean {
    const { shards } = this.client.ws;
    return shards.size > 0 && shards.every(({ status }) => status === Status.Ready);
  }

  async close(): Promise<void> {
    await this.client.destroy();
  }
}

/**
 * discord.js keeps back what comes before its last shard is ready, and Discord wants five seconds between the
 * beginnings of two. An interaction needs only the shard that it comes by, and its answer within three seconds.
 */
async function openWithFirstShard(client: Client): Promise<undefined> {
  return new Promise((resolve) => {
    const open = (): void => {
      // Until then the shard has not said who the bot is.
      if (client.user !== null) {
        client.off(Events.Raw, open);
        client.off(Events.ShardReady, open);
        client.ws.status = Status.Ready;
        resolve(undefined);
      }
    };
    // Each event comes by here before discord.js looks at it.
    client.on(Events.Raw, open);
    client.on(Events.ShardReady, open);
  });
}

/** Resolves when a shard is closed with a code after which it may not come back. */
async function endOfAShard(client: Client): Promise<unknown> {
  return new Promise((resolve) => {
    client.on(Events.ShardDisconnect, ({ code }) => {
      resolve(gatewayEnd(code));
    });
  });
}

/** Resolves with the reason if the login fails, which is over when the last shard is there. */
async function failureOfLogin(client: Client, token: string, discord: DiscordConfig): Promise<unknown> {
  return new Promise((resolve) => {
    client.login(token).catch((error: unknown) => {
      resolve(explainDiscordError(error, discord));
    });
  });
}

function logConnection(client: Client, log: Logger): void {
  client.on(Events.Error, (error) => {
    log.error({ err: error }, 'an error of the connection to Discord');
  });
  client.on(Events.Warn, (warning) => {
    log.warn(warning);
  });
  client.on(Events.ShardError, (error, shard) => {
    log.warn({ shard, err: error }, 'an error of the connection to Discord');
  });
  client.on(Events.ShardReady, (shard) => {
    log.info({ shard }, 'connected to Discord');
  });
  client.on(Events.ShardDisconnect, ({ code }, shard) => {
    log.warn({ shard, code }, 'disconnected from Discord');
  });
  client.on(Events.ShardReconnecting, (shard) => {
    log.info({ shard }, 'reconnecting to Discord');
  });
  client.on(Events.ShardResume, (shard, replayed) => {
    log.info({ shard, replayed }, 'connected to Discord again');
  });
}
