import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { GatewayConnection } from './gateway-connection.js';
import type { Json } from './json.js';

/** What an event needs to be told of; 0 for those that everybody hears. */
export const INTENTS = {
  guilds: 1 << 0,
  guildMessages: 1 << 9,
  directMessages: 1 << 12,
  messageContent: 1 << 15,
} as const;

/** One `IDENTIFY`, with the events since then, so that a client that was cut off gets those that it missed. */
export interface GatewaySession {
  readonly id: string;
  readonly intents: number;
  readonly events: { readonly s: number; readonly t: string; readonly d: unknown }[];
  connection: GatewayConnection | undefined;
}

export interface GatewayOptions {
  readonly token: string;
  /** Between two heartbeats of the client. Milliseconds. */
  readonly heartbeatMs: number;
  /** What READY tells, and the events right after it. */
  readonly greeting: () => { ready: Json; events: readonly (readonly [string, Json])[] };
  readonly address: () => string;
}

/** Discord's gateway: sessions that clients open with a token and take up again after a cut. */
export class Gateway {
  readonly options: GatewayOptions;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #sessions = new Map<string, GatewaySession>();
  readonly #connections = new Set<GatewayConnection>();

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

  open(intents: number, connection: GatewayConnection): GatewaySession {
    const session = { id: randomBytes(16).toString('hex'), intents, events: [], connection };
    this.#sessions.set(session.id, session);
    const { ready, events } = this.options.greeting();
    this.#send(session, 'READY', {
      ...ready,
      session_id: session.id,
      resume_gateway_url: this.options.address(),
      shard: [0, 1],
    });
    if ((intents & INTENTS.guilds) !== 0) {
      events.forEach(([name, data]) => {
        this.#send(session, name, data);
      });
    }
    return session;
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
    const listening = [...this.#sessions.values()].filter(
      (session) => intents === 0 || (session.intents & intents) !== 0,
    );
    listening.forEach((session) => {
      this.#send(session, name, data);
    });
    return listening.length;
  }

  /** Cuts all connections. With `resumable` false their sessions are forgotten too. */
  async drop(resumable: boolean): Promise<void> {
    if (!resumable) {
      this.#sessions.clear();
    }
    await Promise.all([...this.#connections].map((connection) => connection.close(4000, 'Unknown error')));
  }

  /** Asks all clients to connect anew, as Discord does when it moves them. */
  askToReconnect(): void {
    this.#connections.forEach((connection) => {
      connection.askToReconnect();
    });
  }

  close(): void {
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
