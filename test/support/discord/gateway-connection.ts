import { once } from 'node:events';
import type { WebSocket } from 'ws';
import type { Gateway, GatewaySession, Shard } from './gateway.js';
import { isJson, numberOf, type Json } from './json.js';

const OP = {
  dispatch: 0,
  heartbeat: 1,
  identify: 2,
  presence: 3,
  voice: 4,
  resume: 6,
  reconnect: 7,
  members: 8,
  invalidSession: 9,
  hello: 10,
  acknowledgement: 11,
} as const;
const KNOWN = new Set<unknown>([OP.presence, OP.voice, OP.members]);

/** Reasons for which Discord ends a connection. */
const CLOSE = {
  unknownOpcode: [4001, 'Unknown opcode'],
  decode: [4002, 'Error while decoding payload.'],
  notAuthenticated: [4003, 'Not authenticated.'],
  authenticationFailed: [4004, 'Authentication failed.'],
  alreadyAuthenticated: [4005, 'Already authenticated.'],
  invalidSequence: [4007, 'Invalid seq.'],
  rateLimited: [4008, 'Rate limited.'],
  timedOut: [4009, 'Session timed out.'],
  invalidShard: [4010, 'Invalid shard.'],
  shardingRequired: [4011, 'Sharding required.'],
  invalidVersion: [4012, 'Invalid API version.'],
  invalidIntents: [4013, 'Invalid intent(s).'],
  disallowedIntents: [4014, 'Disallowed intent(s).'],
} as const;

/** GUILD_MEMBERS, GUILD_PRESENCES and MESSAGE_CONTENT, which an owner has to ask Discord for. */
const PRIVILEGED = (1 << 1) | (1 << 8) | (1 << 15);
const ALL_INTENTS = 0x3fff | PRIVILEGED | (1 << 16) | (1 << 20) | (1 << 21) | (1 << 24) | (1 << 25);
const MOST_A_MINUTE = 120;

/** One connection of a client, from HELLO to its close code. */
export class GatewayConnection {
  readonly #gateway: Gateway;
  readonly #socket: WebSocket;
  readonly #silence: NodeJS.Timeout;
  #session: GatewaySession | undefined;
  #minute = { began: 0, received: 0 };

  constructor(gateway: Gateway, socket: WebSocket, query: URLSearchParams) {
    this.#gateway = gateway;
    this.#socket = socket;
    const { heartbeatMs } = gateway.options;
    this.#silence = setTimeout(() => {
      this.#end('timedOut');
    }, heartbeatMs * 1.5);
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      this.#receive((data as Buffer).toString('utf8'));
    });
    socket.once('close', (code) => {
      this.#leave(code);
    });
    if (query.get('v') !== '10' || query.get('encoding') !== 'json') {
      this.#end('invalidVersion');
      return;
    }
    this.send({ op: OP.hello, d: { heartbeat_interval: heartbeatMs } });
  }

  send(payload: Json): void {
    this.#socket.send(JSON.stringify({ s: null, t: null, ...payload }));
  }

  askToReconnect(): void {
    this.send({ op: OP.reconnect, d: null });
  }

  /** Resolves when the connection is closed. */
  async close(code: number, reason: string): Promise<void> {
    const closed = once(this.#socket, 'close');
    if (code === 1006) {
      // What a client sees when nobody says goodbye.
      this.#socket.terminate();
    } else {
      this.#socket.close(code, reason);
    }
    this.#detach();
    await closed;
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #end(reason: keyof typeof CLOSE): void {
    this.#detach();
    const [code, words] = CLOSE[reason];
    this.#socket.close(code, words);
  }

  /** The session goes on without this connection, and keeps what happens for the next one. */
  #detach(): void {
    clearTimeout(this.#silence);
    if (this.#session?.connection === this) {
      this.#session.connection = undefined;
    }
  }

  #leave(code: number): void {
    this.#detach();
    // With these codes a client says that it will not come back.
    if (this.#session !== undefined && (code === 1000 || code === 1001)) {
      this.#gateway.forget(this.#session);
    }
  }

  #receive(text: string): void {
    if (this.#isTooMuch()) {
      this.#end('rateLimited');
      return;
    }
    const payload = parse(text);
    if (payload === undefined) {
      this.#end('decode');
      return;
    }
    const { op, d } = payload;
    if (op === OP.heartbeat) {
      this.#silence.refresh();
      this.send({ op: OP.acknowledgement, d: null });
    } else if (op === OP.identify) {
      this.#identify(isJson(d) ? d : {});
    } else if (op === OP.resume) {
      this.#resume(isJson(d) ? d : {});
    } else if (this.#session === undefined) {
      this.#end('notAuthenticated');
    } else if (!KNOWN.has(op)) {
      this.#end('unknownOpcode');
    }
  }

  #identify(identity: Json): void {
    const { intents, shard = [0, 1] } = identity;
    const { shards, token } = this.#gateway.options;
    if (this.#session !== undefined) {
      this.#end('alreadyAuthenticated');
    } else if (identity.token !== token || this.#gateway.startsLeft === 0) {
      // Who begins too many sessions in a day has its token taken away.
      this.#end('authenticationFailed');
    } else if (!isShard(shard)) {
      this.#end('invalidShard');
    } else if (shard[1] < shards) {
      this.#end('shardingRequired');
    } else if (!isJson(identity.properties)) {
      this.#end('decode');
    } else if (typeof intents !== 'number' || (intents & ~ALL_INTENTS) !== 0) {
      this.#end('invalidIntents');
    } else if ((intents & PRIVILEGED) !== 0) {
      this.#end('disallowedIntents');
    } else {
      this.#session = this.#gateway.open(intents, shard, this);
    }
  }

  #resume({ token, session_id: id, seq }: Json): void {
    const session = this.#gateway.find(id);
    if (token !== this.#gateway.options.token) {
      this.#end('authenticationFailed');
    } else if (session === undefined) {
      this.send({ op: OP.invalidSession, d: false });
    } else if (numberOf(seq) > session.events.length) {
      this.#end('invalidSequence');
    } else {
      this.#session = session;
      session.connection = this;
      session.events.slice(numberOf(seq)).forEach((event) => {
        this.send({ op: OP.dispatch, ...event });
      });
      this.send({ op: OP.dispatch, t: 'RESUMED', s: session.events.length, d: {} });
    }
  }

  #isTooMuch(): boolean {
    const now = Date.now();
    if (now - this.#minute.began > 60_000) {
      this.#minute = { began: now, received: 0 };
    }
    this.#minute.received++;
    return this.#minute.received > MOST_A_MINUTE;
  }
}

function isShard(value: unknown): value is Shard {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((part) => Number.isInteger(part) && part >= 0) &&
    value[0] < value[1]
  );
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
