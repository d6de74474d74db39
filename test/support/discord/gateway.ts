import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { GatewayConnection } from './gateway-connection.js';
import { textOf, type Json } from './json.js';

/** What an event needs to be told of; 0 for those that everybody hears. */
export const INTENTS = {
  guilds: 1 << 0,
  guildMessages: 1 << 9,
  directMessages: 1 << 12,
  messageContent: 1 << 15,
} as const;

/** A part of a bot's servers: its number, and how many parts there are. */
export type Shard = readonly [number, number];

/** One `IDENTIFY`, with the events since then, so that a client that was cut off gets those that it missed. */
export interface GatewaySession {
  readonly id: string;
  readonly intents: number;
  /** Its number, and how many there are. */
  readonly shard: Shard;
  readonly events: { readonly s: number; readonly t: string; readonly d: unknown }[];
  connection: GatewayConnection | undefined;
}

export interface GatewayOptions {
  readonly token: string;
  /** Between two heartbeats of the client. Milliseconds. */
  readonly heartbeatMs: number;
  /** How many shards a bot of this size needs. */
  readonly shards: number;
  /** How often a session may be begun until tomorrow. */
  readonly sessionStarts: number;
  /** Between two servers that are told of after READY; 0 for all in one piece. Milliseconds. */
  readonly serverEveryMs: number;
  /** What READY tells to a shard, and the events after it, one for each server. */
  readonly greeting: (isOurs: (serverId: string) => boolean) => {
    ready: Json;
    events: readonly (readonly [string, Json])[];
  };
  readonly address: () => string;
}

/** Discord's gateway: sessions that clients open with a token and take up again after a cut. */
export class Gateway {
  readonly options: GatewayOptions;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #sessions = new Map<string, GatewaySession>();
  readonly #connections = new Set<GatewayConnection>();
  readonly #arrivals = new Set<NodeJS.Timeout>();
  #begun = 0;

  constructor(options: GatewayOptions) {
    this.options = options;
  }

  /** The intents of each open session. */
  get intents(): number[] {
    return [...this.#sessions.values()].map(({ intents }) => intents);
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.handleUpgrade(request, socket, head, (client: WebSocket) => {
      const { searchParams } = new URL(request.url ?? '/', this.options.address());
      const connection = new GatewayConnection(this, client, searchParams);
      this.#connections.add(connection);
      client.once('close', () => this.#connections.delete(connection));
    });
  }

  /** How many sessions may still be begun until tomorrow. */
  get startsLeft(): number {
    return Math.max(0, this.options.sessionStarts - this.#begun);
  }

  open(intents: number, shard: Shard, connection: GatewayConnection): GatewaySession {
    this.#begun++;
    const session = { id: randomBytes(16).toString('hex'), intents, shard, events: [], connection };
    this.#sessions.set(session.id, session);
    const { ready, events } = this.options.greeting((serverId) => shardOf(serverId, shard[1]) === shard[0]);
    this.#send(session, 'READY', {
      ...ready,
      session_id: session.id,
      resume_gateway_url: this.options.address(),
      shard,
    });
    if ((intents & INTENTS.guilds) !== 0) {
      events.forEach(([name, data], index) => {
        this.#sendLater(session, name, data, index * this.options.serverEveryMs);
      });
    }
    return session;
  }

  #sendLater(session: GatewaySession, name: string, data: Json, afterMs: number): void {
    if (afterMs === 0) {
      this.#send(session, name, data);
      return;
    }
    const timer = setTimeout(() => {
      this.#arrivals.delete(timer);
      this.#send(session, name, data);
    }, afterMs);
    this.#arrivals.add(timer);
  }

  find(id: unknown): GatewaySession | undefined {
    return this.#sessions.get(String(id));
  }

  forget(session: GatewaySession): void {
    this.#sessions.delete(session.id);
  }

  /**
   * Tells all sessions with one of the intents of an event.
   *
   * @returns how many there are
   */
  dispatch(name: string, data: Json, intents = 0): number {
    // What belongs to no server, the first shard is told of.
    const serverId = name === 'GUILD_CREATE' ? textOf(data.id) : textOf(data.guild_id);
    const listening = [...this.#sessions.values()].filter(
      (session) =>
        (intents === 0 || (session.intents & intents) !== 0) &&
        shardOf(serverId, session.shard[1]) === session.shard[0],
    );
    listening.forEach((session) => {
      this.#send(session, name, data);
    });
    return listening.length;
  }

  /** Cuts all connections. With `resumable` false their sessions are forgotten too. */
  async drop(resumable: boolean, code = 4000): Promise<void> {
    if (!resumable) {
      this.#sessions.clear();
    }
    await Promise.all([...this.#connections].map((connection) => connection.close(code, 'As told')));
  }

  /** Asks all clients to connect anew, as Discord does when it moves them. */
  askToReconnect(): void {
    this.#connections.forEach((connection) => {
      connection.askToReconnect();
    });
  }

  close(): void {
    this.#arrivals.forEach(clearTimeout);
    this.#connections.forEach((connection) => {
      connection.terminate();
    });
    this.#sockets.close();
  }

  #send(session: GatewaySession, name: string, data: Json): void {
    const event = { s: session.events.length + 1, t: name, d: data };
    session.events.push(event);
    session.connection?.send({ op: 0, ...event });
  }
}

/** The shard that hears of a server, as Discord reckons it. */
function shardOf(serverId: string, shards: number): number {
  return serverId === '' ? 0 : Number((BigInt(serverId) >> 22n) % BigInt(shards));
}
