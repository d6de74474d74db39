import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { JobQueue } from '../inference/queue.js';
import { listen } from '../local-server.js';
import type { Metrics } from '../monitoring/metrics.js';
import { sendEvents } from './event-stream.js';
import type { ModelDescription, PlaygroundStatus, TaskState } from './interface.js';
import { readPageFiles, type PageFile } from './page-files.js';
import { Refusal, refusalOf } from './problems.js';
import { RateLimit } from './rate-limit.js';
import { refuseForeign, refuseWithoutToken } from './request-guard.js';
import { readTaskForm } from './task-form.js';
import { drain, send, sendFile, sendJson } from './responses.js';
import { Tasks } from './tasks.js';

/** What a browser may do with the page: run and show what comes from here, and no more. */
const SECURITY_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** A request that takes longer to arrive is given up. Milliseconds. */
const PATIENCE = 60_000;
/** Pictures that may be arriving at once: each of them is in memory. */
const MOST_UPLOADS = 8;
export interface PlaygroundOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** What every request of the interface must bear; undefined: nothing. */
  readonly token: string | undefined;
  readonly inference: JobQueue;
  readonly model: ModelDescription;
  readonly limits: { readonly pictureMebibytes: number; readonly shutdownSeconds: number };
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Where the page is; where `npm run build` puts it unless said otherwise. */
  readonly pageFolder?: string;
  /** Tasks that one address may give; 60 at once and one more each second unless said otherwise. */
  readonly taskRate?: RateLimit;
}

type Handler = (request: IncomingMessage, response: ServerResponse, id: string) => Promise<void> | void;

/** The local page, and the interface behind it that README.md documents. */
export class Playground {
  readonly #options: PlaygroundOptions;
  readonly #files: ReadonlyMap<string, PageFile>;
  readonly #tasks: Tasks;
  readonly #taskRate: RateLimit;
  readonly #requestRate = new RateLimit({ burst: 600, perSecond: 20 });
  readonly #server = createServer(
    { requestTimeout: PATIENCE, headersTimeout: PATIENCE / 4 },
    (...exchange) => {
      void this.#handle(...exchange);
    },
  );
  #uploads = 0;
  #port = 0;

  private constructor(options: PlaygroundOptions, files: ReadonlyMap<string, PageFile>) {
    this.#options = options;
    this.#files = files;
    this.#tasks = new Tasks(options);
    this.#taskRate = options.taskRate ?? new RateLimit({ burst: 60, perSecond: 1 });
    this.#server.maxConnections = 256;
  }

  /**
   * Opens the page.
   *
   * @throws {UserError} the port is taken, the host is not this machine, or the page has not been built
   */
  static async start(options: PlaygroundOptions): Promise<Playground> {
    const playground = new Playground(options, await readPageFiles(options.pageFolder));
    const { host, port } = options;
    playground.#port = await listen(playground.#server, {
      host,
      port,
      settings: 'PLAYGROUND',
      mayBeOff: false,
    });
    return playground;
  }

  /** Where the page is, for a browser on this machine. */
  get address(): string {
    const { host } = this.#options;
    const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
    return `http://${name.includes(':') ? `[${name}]` : name}:${this.#port}`;
  }

  /** Takes nothing new, tells those who wait, lets the running task finish until its time is up, and closes. */
  async stop(): Promise<void> {
    await this.#tasks.stop(this.#options.limits.shutdownSeconds * 1000);
    const closed = new Promise((resolve) => this.#server.close(resolve));
    // What was written last is on its way; connections that are only kept open end now.
    this.#server.closeIdleConnections();
    const lastMoment = setTimeout(() => {
      this.#server.closeAllConnections();
    }, 1000);
    await closed;
    clearTimeout(lastMoment);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      response.setHeader(name, value);
    }
    try {
      refuseForeign(request, this.#options.host);
      refuseTooFast(this.#requestRate, request);
      const path = (request.url ?? '/').split('?')[0] ?? '/';
      const file = this.#files.get(path);
      if (file === undefined) {
        await this.#handleApi(path, request, response);
      } else {
        refuseOtherMethods(request, ['GET']);
        sendFile(request, response, file);
      }
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal.status === 500) {
        this.#options.log.error({ err: error }, 'a request to the playground failed');
      }
      if (response.headersSent) {
        response.destroy();
        return;
      }
      await drain(request, PATIENCE / 4);
      sendJson(
        response,
        refusal.status,
        { error: refusal.problem },
        { ...refusal.headers, connection: 'close' },
      );
    }
  }

  async #handleApi(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, route = '', id = '', part = ''] =
      /^\/api\/(status|tasks)(?:\/([\w-]+)(?:\/(\w+))?)?$/.exec(path) ?? [];
    const name = [route, id === '' ? '' : 'ID', part].filter((word) => word !== '').join('/');
    const methods = this.#routes.get(name);
    if (methods === undefined) {
      throw notFound();
    }
    refuseWithoutToken(request, this.#options.token);
    refuseOtherMethods(request, Object.keys(methods));
    await methods[request.method ?? ''](request, response, id);
  }

  /** By path and method. */
  readonly #routes = new Map<string, Readonly<Record<string, Handler>>>([
    [
      'status',
      {
        GET: (_request, response) => {
          sendJson(response, 200, this.#status());
        },
      },
    ],
    ['tasks', { POST: (request, response) => this.#addTask(request, response) }],
    [
      'tasks/ID',
      {
        GET: (_request, response, id) => {
          sendJson(response, 200, this.#known(id));
        },
        DELETE: (_request, response, id) => {
          this.#known(id);
          this.#tasks.cancel(id);
          response.writeHead(204).end();
        },
      },
    ],
    [
      'tasks/ID/events',
      {
        GET: (_request, response, id) => {
          this.#known(id);
          sendEvents(response, this.#tasks, id);
        },
      },
    ],
    [
      'tasks/ID/picture',
      {
        GET: (_request, response, id) => {
          const picture = this.#tasks.picture(id);
          if (picture === undefined) {
            throw notFound();
          }
          send(response, 200, picture.bytes, {
            'content-type': picture.mediaType,
            'cache-control': 'no-store',
          });
        },
      },
    ],
  ]);

  async #addTask(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#tasks.refuseWhenStopping();
    refuseTooFast(this.#taskRate, request);
    if (this.#uploads >= MOST_UPLOADS) {
      throw tooFast(1);
    }
    this.#uploads++;
    try {
      const form = await readTaskForm(request, this.#options.limits.pictureMebibytes);
      const state = this.#tasks.add(form);
      sendJson(response, 202, state, { location: `/api/tasks/${state.id}` });
    } finally {
      this.#uploads--;
    }
  }

  #status(): PlaygroundStatus {
    const { model, inference, limits } = this.#options;
    const { waiting, running } = inference.snapshot();
    return {
      model,
      queue: { waiting, running: running ? 1 : 0 },
      limits: { pictureMebibytes: limits.pictureMebibytes },
    };
  }

  #known(id: string): TaskState {
    const state = this.#tasks.state(id);
    if (state === undefined) {
      throw notFound();
    }
    return state;
  }
}

function notFound(): Refusal {
  return new Refusal(404, { code: 'notFound', message: 'There is nothing here, or no longer.' });
}

function tooFast(seconds: number): Refusal {
  return new Refusal(
    429,
    { code: 'tooFast', message: `Too many requests: wait ${seconds} s.`, values: { seconds } },
    { 'retry-after': String(seconds) },
  );
}

/** @throws {Refusal} */
function refuseTooFast(rate: RateLimit, { socket }: IncomingMessage): void {
  const seconds = rate.use(socket.remoteAddress ?? '');
  if (seconds > 0) {
    throw tooFast(seconds);
  }
}

/** @throws {Refusal} */
function refuseOtherMethods({ method = '' }: IncomingMessage, allowed: readonly string[]): void {
  if (!allowed.includes(method)) {
    const allow = allowed.join(', ');
    throw new Refusal(405, { code: 'badRequest', message: `Only ${allow} is served here.` }, { allow });
  }
}
