import { once } from 'node:events';
import { WebSocket } from 'ws';
import { isJson, textOf, type Json } from './json.js';
import type { StrictDiscord } from './strict-discord.js';

export interface RawFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface RawAnswer {
  readonly status: number;
  readonly body: Json;
  readonly headers: Headers;
}

/** A bot without a library, which does what a library would not let it do. */
export class RawBot {
  readonly events: { readonly t: string; readonly s: number; readonly d: Json }[] = [];
  /** Numbers of operations that came, other than events. */
  readonly operations: number[] = [];
  readonly #discord: StrictDiscord;
  #socket: WebSocket | undefined;
  #closed = new Promise<number>(() => undefined);

  constructor(discord: StrictDiscord) {
    this.#discord = discord;
  }

  get #open(): WebSocket {
    if (this.#socket === undefined) {
      throw new Error('The bot is not connected.');
    }
    return this.#socket;
  }

  /** Opens a connection to the gateway; resolves after HELLO, or when the gateway ends it. */
  async connect(query = 'v=10&encoding=json'): Promise<void> {
    const { body } = await this.call('GET', '/gateway');
    const socket = new WebSocket(`${textOf(body.url)}?${query}`);
    this.#socket = socket;
    socket.on('message', (data) => {
      const payload = JSON.parse((data as Buffer).toString('utf8')) as Json;
      if (payload.op === 0) {
        this.events.push(payload as unknown as RawBot['events'][number]);
      } else {
        this.operations.push(payload.op as number);
      }
      socket.emit('payload');
    });
    this.#closed = once(socket, 'close').then(([code]) => code as number);
    await Promise.race([once(socket, 'payload'), this.#closed]);
  }

  send(op: number, d: unknown): void {
    this.sendText(JSON.stringify({ op, d }));
  }

  sendText(text: string): void {
    this.#open.send(text);
  }

  identify(more: Json = {}): void {
    this.send(2, { token: this.#discord.token, intents: 1, properties: {}, ...more });
  }

  /** Connects and identifies. */
  async logIn(): Promise<void> {
    await this.connect();
    this.identify();
    await this.event('READY');
  }

  /** The last event of a name, when there is one. */
  async event(name: string): Promise<Json> {
    const find = (): Json | undefined => this.events.findLast(({ t }) => t === name)?.d;
    for (let found = find(); ; found = find()) {
      if (found !== undefined) {
        return found;
      }
      await once(this.#open, 'payload');
    }
  }

  async operation(op: number): Promise<void> {
    while (!this.operations.includes(op)) {
      await once(this.#open, 'payload');
    }
  }

  /** The code with which the connection ends. */
  async closed(): Promise<number> {
    return this.#closed;
  }

  close(code = 1000): void {
    this.#open.close(code);
  }

  /**
   * A request to the API.
   *
   * @param path without `/v10`
   */
  async call(
    method: string,
    path: string,
    body?: unknown,
    { files, token = this.#discord.token }: { files?: readonly RawFile[]; token?: string } = {},
  ): Promise<RawAnswer> {
    const url = `${this.#discord.apiUrl}/v10${path}`;
    const authorization = `Bot ${token}`;
    const response = await fetch(url, { method, ...bodyOf(body, files, authorization) });
    const text = await response.text();
    const parsed: unknown = text === '' ? {} : JSON.parse(text);
    return {
      status: response.status,
      body: isJson(parsed) ? parsed : { list: parsed },
      headers: response.headers,
    };
  }

  /** The first response to an interaction. */
  async respond(
    { id, token }: { id: string; token: string },
    body: Json,
    files?: readonly RawFile[],
  ): Promise<RawAnswer> {
    return this.call('POST', `/interactions/${id}/${token}/callback`, body, files && { files });
  }

  /** A request about the messages of an interaction. */
  async webhook(
    method: string,
    { token }: { token: string },
    message: string | undefined,
    body?: unknown,
    files?: readonly RawFile[],
  ): Promise<RawAnswer> {
    const rest = message === undefined ? '' : `/messages/${message}`;
    const path = `/webhooks/${this.#discord.applicationId}/${token}${rest}`;
    return this.call(method, path, body, files && { files });
  }
}

function bodyOf(body: unknown, files: readonly RawFile[] | undefined, authorization: string): RequestInit {
  if (files === undefined) {
    return body === undefined
      ? { headers: { authorization } }
      : { headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify(body) };
  }
  const form = new FormData();
  form.set('payload_json', JSON.stringify(body));
  files.forEach(({ name, bytes }, index) => {
    form.set(`files[${index}]`, new Blob([Uint8Array.from(bytes)]), name);
  });
  return { headers: { authorization }, body: form };
}
