import { LRUCache } from 'lru-cache';
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { UserError } from '../errors.js';
import type { Job } from '../inference/inference.js';
import { queueFull } from '../inference/queue-refusals.js';
import type { JobQueue } from '../inference/queue.js';
import type { Metrics } from '../monitoring/metrics.js';
import { portableAnswer } from '../rendering/portable-answer.js';
import type { Answer, EncodedPicture, Progress, Task } from '../task.js';
import type { AnnotatedPicture, TaskState } from './interface.js';
import { problemOf, Refusal, RESTARTING, TaskEnded } from './problems.js';
import type { TaskForm } from './task-form.js';

/** Results are kept this long for those who ask for them. Milliseconds. */
const KEPT_FOR = 10 * 60_000;
/** All results together. Bytes, nearly. */
const KEPT_BYTES = 64 * 2 ** 20;

export interface TasksOptions {
  readonly inference: JobQueue;
  readonly log: Logger;
  readonly metrics: Metrics;
}

type Listener = (state: TaskState) => void;

/** A task that waits or is worked on. */
interface OpenTask {
  readonly id: string;
  readonly kind: Task['kind'];
  readonly abort: AbortController;
  readonly listeners: Set<Listener>;
  readonly receivedAt: number;
  /** When its turn came, as `performance.now` tells it. */
  startedAt: number | undefined;
  progress: Progress | null;
}

/** A task that has ended, with its picture where one was asked for. */
interface EndedTask {
  readonly state: TaskState;
  readonly picture: EncodedPicture | undefined;
}

/** The tasks that were lately given, all in memory. Whoever knows the id of one may see and cancel it. */
export class Tasks {
  readonly #options: TasksOptions;
  readonly #open = new Map<string, OpenTask>();
  readonly #ended = new LRUCache<string, EndedTask>({
    maxSize: KEPT_BYTES,
    sizeCalculation: ({ state, picture }) => JSON.stringify(state).length + (picture?.bytes.byteLength ?? 0),
    ttl: KEPT_FOR,
    ttlAutopurge: true,
  });
  #stopping = false;
  #idle: (() => void)[] = [];

  constructor(options: TasksOptions) {
    this.#options = options;
  }

  /**
   * Takes a task, whose answer comes later.
   *
   * @throws {UserError} too many are waiting
   * @throws {Refusal} Glimpse is being stopped
   */
  add({ job, requester = '' }: TaskForm): TaskState {
    this.refuseWhenStopping();
    const { kind } = job.task;
    // Apart from the ids of Discord's members, who wait in the same queue.
    const queuedAs = `playground ${requester}`;
    const { inference } = this.#options;
    inference.refuseIfFull(kind, queuedAs);
    // It can't be had again, as a picture of Discord's can.
    const room = inference.pictures.reserve(job.picture.byteLength);
    if (room === undefined) {
      throw queueFull(inference.snapshot().waiting);
    }
    const task: OpenTask = {
      id: randomUUID(),
      kind,
      abort: new AbortController(),
      listeners: new Set(),
      receivedAt: performance.now(),
      startedAt: undefined,
      progress: null,
    };
    this.#open.set(task.id, task);
    const held = { ...job, picture: room.keep(job.picture) };
    void this.#run(task, held, queuedAs).finally(() => {
      room.free();
    });
    return stateOf(task);
  }

  /** @throws {Refusal} Glimpse is being stopped */
  refuseWhenStopping(): void {
    if (this.#stopping) {
      throw new Refusal(503, RESTARTING, { 'retry-after': '60' });
    }
  }

  /** @returns undefined where there is no such task, or no longer */
  state(id: string): TaskState | undefined {
    const open = this.#open.get(id);
    return open === undefined ? this.#ended.get(id)?.state : stateOf(open);
  }

  /** @returns undefined where there is none */
  picture(id: string): EncodedPicture | undefined {
    return this.#ended.get(id)?.picture;
  }

  /**
   * Tells how a task stands, at once and whenever that changes.
   *
   * @returns stops telling
   */
  watch(id: string, listener: Listener): () => void {
    const state = this.state(id);
    if (state !== undefined) {
      listener(state);
    }
    const listeners = this.#open.get(id)?.listeners;
    listeners?.add(listener);
    return () => listeners?.delete(listener);
  }

  /** Ends a task that waits or is worked on; one that has ended is forgotten. */
  cancel(id: string): void {
    this.#open.get(id)?.abort.abort(new TaskEnded('cancelled'));
    this.#ended.delete(id);
  }

  /** Takes nothing new and ends what waits. @param patience what runs gets this long to be finished. Milliseconds. */
  async stop(patience: number): Promise<void> {
    this.#stopping = true;
    const endAll = (tasks: OpenTask[]): void => {
      tasks.forEach(({ abort }) => {
        abort.abort(new TaskEnded('restarting'));
      });
    };
    endAll([...this.#open.values()].filter(({ startedAt }) => startedAt === undefined));
    const lastMoment = setTimeout(() => {
      endAll([...this.#open.values()]);
    }, patience);
    if (this.#open.size > 0) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
    clearTimeout(lastMoment);
    this.#ended.clear();
  }

  async #run(task: OpenTask, job: Job, requester: string): Promise<void> {
    const { id, abort } = task;
    let ended: EndedTask;
    try {
      const answer = await this.#options.inference.submit(job, {
        signal: abort.signal,
        requester,
        onProgress: (progress) => {
          task.progress = progress;
          if (progress.stage !== 'waiting') {
            task.startedAt ??= performance.now();
          }
          this.#tell(task, stateOf(task));
        },
      });
      ended = await this.#answered(task, answer);
    } catch (error) {
      ended = { state: this.#failed(task, error), picture: undefined };
    }
    this.#open.delete(id);
    this.#ended.set(id, ended);
    this.#tell(task, ended.state);
    if (this.#open.size === 0) {
      this.#idle.splice(0).forEach((resolve) => {
        resolve();
      });
    }
  }

  async #answered({ id, kind, receivedAt, startedAt }: OpenTask, answer: Answer): Promise<EndedTask> {
    const now = performance.now();
    const took = now - receivedAt;
    const { picture, finish, timings } = answer;
    this.#options.metrics.answered(answer, took);
    this.#options.log.info({ playground: id, task: kind, finish, took, timings }, 'a request was answered');
    const told = await portableAnswer(answer);
    const waited = Math.round((startedAt ?? now) - receivedAt);
    return {
      picture,
      state: {
        id,
        state: 'answered',
        answer: picture === undefined ? told : { ...told, picture: annotatedPicture(id, picture) },
        waited,
      },
    };
  }

  #failed({ id, kind, startedAt }: OpenTask, error: unknown): TaskState {
    const { log, metrics } = this.#options;
    const entry = { playground: id, task: kind };
    if (error instanceof TaskEnded && error.why === 'cancelled') {
      metrics.ended(kind, 'cancelled');
      log.info({ ...entry, ending: 'cancelled' }, 'a request ended without an answer');
      return { id, state: 'cancelled' };
    }
    // A queue that is being stopped ends what waits with a reason of its own.
    if (error instanceof TaskEnded || (this.#stopping && startedAt === undefined)) {
      metrics.ended(kind, 'restarting');
      log.info({ ...entry, ending: 'restarting' }, 'a request ended without an answer');
      return { id, state: 'failed', error: RESTARTING };
    }
    if (error instanceof UserError) {
      metrics.ended(kind, 'mistake', error.mistake?.code);
      log.info({ ...entry, ending: 'mistake' }, 'a request ended without an answer');
    } else {
      metrics.ended(kind, 'fault');
      log.error({ ...entry, ending: 'fault', err: error }, 'a request failed');
    }
    return { id, state: 'failed', error: problemOf(error) };
  }

  #tell({ listeners }: OpenTask, state: TaskState): void {
    listeners.forEach((listener) => {
      listener(state);
    });
  }
}

function stateOf({ id, startedAt, progress }: OpenTask): TaskState {
  return { id, state: startedAt === undefined ? 'waiting' : 'running', progress };
}

function annotatedPicture(id: string, { mediaType, width, height }: EncodedPicture): AnnotatedPicture {
  return { path: `/api/tasks/${id}/picture`, mediaType, width, height };
}
