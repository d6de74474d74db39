import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendEvents } from './event-stream.js';
import type { ModelDescription, PlaygroundStatus, TaskState } from './interface.js';
import { Refusal, tooFast } from './problems.js';
import { RateLimit } from './rate-limit.js';
import { refuseOtherMethods, refuseTooFast, refuseWithoutToken, visitorOf } from './request-guard.js';
import { send, sendJson } from './responses.js';
import { readTaskForm } from './task-form.js';
import { Tasks, type TasksOptions } from './tasks.js';

/** Pictures that may be arriving at once: each of them is in memory. */
const MOST_UPLOADS = 8;

export interface TaskApiOptions extends TasksOptions {
  /** What every request must bear; undefined: nothing. */
  readonly token: string | undefined;
  /** The origin that visitors know, where a proxy hands their requests on; undefined: there is none. */
  readonly publicAddress?: string | undefined;
  readonly model: ModelDescription;
  readonly limits: { readonly pictureMebibytes: number; readonly shutdownSeconds: number };
  /** Tasks that one address may give; 60 at once and one more each second unless said otherwise. */
  readonly taskRate?: RateLimit;
  /** Between two signs of life in a stream of events; 15 s unless said otherwise. Milliseconds. */
  readonly heartbeatMs?: number;
}

type Handler = (request: IncomingMessage, response: ServerResponse, id: string) => Promise<void> | void;

/** The interface behind the page, as docs/playground.md tells of it. */
export class TaskApi {
  readonly #options: TaskApiOptions;
  readonly #tasks: Tasks;
  readonly #taskRate: RateLimit;
  #uploads = 0;

  constructor(options: TaskApiOptions) {
    this.#options = options;
    this.#tasks = new Tasks(options);
    this.#taskRate = options.taskRate ?? new RateLimit({ burst: 60, perSecond: 1 });
  }

  /** Takes nothing new, tells those who wait, and lets the running task finish until its time is up. */
  async stop(): Promise<void> {
    await this.#tasks.stop(this.#options.limits.shutdownSeconds * 1000);
  }

  /**
   * Answers a request.
   *
   * @throws {UserError} too many are waiting
   * @throws {Refusal}
   */
  async handle(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
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
          sendEvents(response, this.#tasks, id, this.#options.heartbeatMs);
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
    refuseTooFast(this.#taskRate, visitorOf(request, this.#options.publicAddress !== undefined));
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
