import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listen, portOf } from './listening.js';
import { parseBody } from './multipart.js';
import type { PlayedFailures } from './played-failures.js';
import type { RateLimits } from './rate-limits.js';
import { CODES, Refusal } from './refusal.js';
import { accountRoutes } from './routes/account.js';
import { callbackRoutes } from './routes/callback.js';
import { channelRoutes } from './routes/channels.js';
import { commandRoutes } from './routes/commands.js';
import type { ApiAnswer, Backend, Route } from './routes/route.js';
import { webhookRoutes } from './routes/webhooks.js';
import type { Violations } from './violations.js';

const ROUTES: readonly Route[] = [
  ...accountRoutes,
  ...commandRoutes,
  ...callbackRoutes,
  ...webhookRoutes,
  ...channelRoutes,
];
const PREFIX = '/api/v10';
/** Statuses that Discord counts, and bans an address for when there are too many of them. */
const INVALID = new Set([401, 403, 429]);

/** One request, as it came and was answered. */
export interface RecordedRequest {
  readonly method: string;
  /** With ids, without `/api/v10`. */
  readonly route: string;
  readonly status: number;
  /** When it came, as `performance.now` tells it. */
  readonly at: number;
}

export interface ApiOptions {
  readonly token: string;
  readonly violations: Violations;
  readonly failures: PlayedFailures;
  readonly rateLimits: RateLimits;
  /** Of a whole request. */
  readonly maxRequestBytes: number;
  /** How many requests with status 401, 403 or 429 there may be. */
  readonly invalidRequestLimit: number;
  readonly backend: () => Backend;
}

interface Answered extends ApiAnswer {
  readonly headers?: Readonly<Record<string, string>>;
}

/** Discord's REST API, and the door to its gateway. */
export class ApiServer {
  readonly requests: RecordedRequest[] = [];
  readonly #options: ApiOptions;
  readonly #server: Server;
  /** Requests to webhooks that were answered with 404. */
  readonly #gone = new Set<string>();
  /** Requests that were carried out and whose answer was lost: a bot can't but send them again. */
  readonly #unheard = new Set<string>();

  private constructor(options: ApiOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#handle(request, response));
    this.#server.on('upgrade', (request, socket, head) => {
      options.backend().gateway.upgrade(request, socket, head);
    });
  }

  static async start(options: ApiOptions): Promise<ApiServer> {
    const api = new ApiServer(options);
    await listen(api.#server);
    return api;
  }

  get port(): number {
    return portOf(this.#server);
  }

  /** How many requests had a status that Discord counts against a bot. */
  get invalidRequests(): number {
    return this.requests.filter(({ status }) => INVALID.has(status)).length;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = performance.now();
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    // discord.js writes @original as %40original.
    const path = decode(pathname.startsWith(PREFIX) ? pathname.slice(PREFIX.length) : pathname);
    const method = request.method ?? 'GET';
    request.on('error', () => undefined);
    const failure = this.#options.failures.take(method, path, request.headers['content-type']);
    if (failure !== undefined && failure !== 'lose the answer') {
      await this.#options.failures.play(failure, request, response);
      // Of a connection that was dropped there is no status.
      this.#record({ method, route: path, status: response.headersSent ? response.statusCode : 0, at });
      return;
    }
    const bytes = await readAll(request, this.#options.maxRequestBytes);
    const { status, body, headers } = this.#answer(request, { path, searchParams, bytes, at });
    if (failure === 'lose the answer') {
      this.#unheard.add(`${method} ${path}`);
      this.#record({ method, route: path, status: 0, at });
      request.socket.destroy();
      return;
    }
    this.#record({ method, route: path, status, at });
    const isJson = body !== undefined;
    response
      .writeHead(status, { ...headers, ...(isJson ? { 'content-type': 'application/json' } : {}) })
      .end(isJson ? JSON.stringify(body) : undefined);
  }

  #answer(
    request: IncomingMessage,
    read: { path: string; searchParams: URLSearchParams; bytes: Buffer | undefined; at: number },
  ): Answered {
    const { path, searchParams, bytes, at } = read;
    const method = request.method ?? 'GET';
    const name = `${method} ${path}`;
    const verdict = this.#options.rateLimits.admit(method, path, majorOf(path));
    if (verdict.retryAfter !== undefined) {
      const { retryAfter: retry_after, global, headers } = verdict;
      return { status: 429, body: { message: 'You are being rate limited.', retry_after, global }, headers };
    }
    try {
      this.#refuseRepeats(name);
      const { route, params } = find(method, path, request.url ?? '');
      if (route.open !== true && request.headers.authorization !== `Bot ${this.#options.token}`) {
        throw new Refusal(401, CODES.general, '401: Unauthorized');
      }
      if (bytes === undefined) {
        throw new Refusal(413, CODES.tooLarge, 'Request entity too large');
      }
      const body = parseBody(bytes, request.headers['content-type'] ?? '');
      const answer = route.answer(
        { params, query: searchParams, body, arrivedAt: at, name },
        this.#options.backend(),
      );
      return { ...answer, headers: verdict.headers };
    } catch (error) {
      return { ...this.#refused(error, name), headers: verdict.headers };
    }
  }

  #refused(error: unknown, name: string): ApiAnswer {
    const { violations } = this.#options;
    if (!(error instanceof Refusal)) {
      violations.record(
        'fault of the strict Discord',
        error instanceof Error ? (error.stack ?? '') : '',
        name,
      );
      return { status: 500, body: { message: '500: Internal Server Error', code: 0 } };
    }
    if (error.violation && !this.#unheard.has(name)) {
      violations.record(`${error.code} ${error.message}`, error.detail, name);
    }
    if (error.status === 404 && name.includes(' /webhooks/')) {
      this.#gone.add(name);
    }
    return { status: error.status, body: error.body };
  }

  /** Discord restricts those who go on asking for a webhook, or a message of one, that is not there. */
  #refuseRepeats(name: string): void {
    if (this.#gone.has(name)) {
      this.#options.violations.record('repeated a request that was answered with 404', '', name);
    }
  }

  #record(request: RecordedRequest): void {
    this.requests.push(request);
    const { invalidRequestLimit, violations } = this.#options;
    if (INVALID.has(request.status) && this.invalidRequests === invalidRequestLimit + 1) {
      violations.record('too many invalid requests', `more than ${invalidRequestLimit} with 401, 403 or 429`);
    }
  }
}

function find(method: string, path: string, url: string): { route: Route; params: Record<string, string> } {
  if (!url.startsWith(PREFIX)) {
    throw new Refusal(400, CODES.invalidVersion, 'Invalid API version provided');
  }
  const fitting = ROUTES.map((route) => ({ route, match: route.pattern.exec(path) })).filter(
    ({ match }) => match !== null,
  );
  if (fitting.length === 0) {
    throw new Refusal(404, CODES.general, '404: Not Found', { detail: 'this server has no such route' });
  }
  const found = fitting.find(({ route }) => route.method === method);
  if (found === undefined) {
    throw new Refusal(405, CODES.general, '405: Method Not Allowed');
  }
  return { route: found.route, params: { ...found.match?.groups } };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** What requests of one kind share a limit by. */
function majorOf(path: string): string {
  return (
    /^\/webhooks\/[^/]+\/[^/]+/.exec(path)?.[0] ??
    /^\/(channels|guilds|webhooks)\/[^/]+/.exec(path)?.[0] ??
    ''
  );
}

/** The body; undefined when it is too long, of which the rest is thrown away. */
async function readAll(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= most) {
        chunks.push(chunk);
      }
    }
  } catch {
    return Buffer.alloc(0);
  }
  return length > most ? undefined : Buffer.concat(chunks);
}
