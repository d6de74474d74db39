import PQueue from 'p-queue';
import { UserError } from '../errors.js';
import type { Answer, Task } from '../task.js';
import { systemClock, type Clock } from './clock.js';
import { FairOrder } from './fair-order.js';
import { HeldPictures } from './held-pictures.js';
import type { Inference, SubmitOptions } from './inference.js';
import { asQueued, FETCHED_AHEAD, LatePicture, type QueueableJob } from './late-picture.js';
import type { QueueObserver, QueueOutcome } from './queue-observer.js';
import { queueFull, tooManyOfYours, waitTooLong } from './queue-refusals.js';
import { RunningTimes } from './running-times.js';
import { tookTooLong } from './time-limit.js';

export interface QueueLimits {
  /** Jobs that may wait. */
  readonly waiting: number;
  /** Jobs of one requester that may wait or run; those that nobody is named for are not counted. */
  readonly perRequester: number;
  /** A job that would wait longer is refused, and one that has waited this long is ended. Milliseconds. */
  readonly longestWaitMs: number;
  /** Of the pictures that wait in memory; see `HeldPictures`. */
  readonly heldBytes?: number;
}

/** How the queue is doing at a moment. */
export interface QueueSnapshot {
  readonly waiting: number;
  readonly running: boolean;
  /** Of the recent running times of each kind of task that was answered. Milliseconds. */
  readonly medians: Partial<Readonly<Record<Task['kind'], number>>>;
  /** What a newcomer's first job would probably wait; undefined while nothing is known. Milliseconds. */
  readonly expectedWaitMs: number | undefined;
}

export interface JobQueueOptions {
  readonly limits: QueueLimits;
  readonly observer?: QueueObserver;
  readonly clock?: Clock;
}

interface QueuedJob {
  readonly job: QueueableJob;
  readonly picture: Uint8Array | LatePicture;
  readonly options: SubmitOptions;
  readonly requester: string;
  readonly queuedAt: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
  /** No longer listens to its signal and its time limit; both end waiting jobs only. */
  stopWaiting: () => void;
  /** The place that was told last. */
  place: number | undefined;
}

/** Nobody in particular: all jobs without a requester share a line. */
const NOBODY = '';

/**
 * Lets requesters take turns at one model: one job runs, the others wait, and everybody knows their place. The
 * `onProgress` of a job may not throw.
 */
export class JobQueue implements Inference {
  /** Where those who submit jobs hold the pictures of them. */
  readonly pictures: HeldPictures;
  readonly #inference: Inference;
  readonly #limits: QueueLimits;
  readonly #observer: QueueObserver;
  readonly #clock: Clock;
  /** Has a turn for each job that was taken; whose turn it is, `#order` says when it comes. */
  readonly #turns = new PQueue({ concurrency: 1 });
  readonly #order = new FairOrder<QueuedJob>();
  readonly #times = new RunningTimes();
  #running: { readonly queued: QueuedJob; readonly startedAt: number } | undefined;
  #stopReason: Error | undefined;

  /**
   * @param inference is closed by `close`; a promise of its `submit` must not settle before the job has ended
   */
  constructor(inference: Inference, { limits, observer = {}, clock = systemClock }: JobQueueOptions) {
    this.pictures = new HeldPictures(limits.heldBytes);
    this.#inference = inference;
    this.#limits = limits;
    this.#observer = observer;
    this.#clock = clock;
  }

  /**
   * Says before anything else is done for a job that `submit` would refuse it.
   *
   * @param finishBy when its answer has to be there, as the queue's clock tells it
   * @throws {UserError} `tooManyOfYours`, `queueFull` or `waitTooLong`
   * @throws the reason of `stopAccepting`
   */
  refuseIfFull(kind: Task['kind'], requester: string = NOBODY, finishBy = Infinity): void {
    if (this.#stopReason !== undefined) {
      throw this.#stopReason;
    }
    const refusal = this.#refusal(kind, requester, finishBy);
    if (refusal?.mistake !== undefined) {
      this.#observer.onRefused?.({ kind, code: refusal.mistake.code });
      throw refusal;
    }
  }

  /**
   * @throws {UserError} `tooManyOfYours`, `queueFull` or `waitTooLong` besides the inference's own
   * @throws the reason of `stopAccepting`
   * @throws why the job's picture can't be fetched
   */
  async submit(job: QueueableJob, options: SubmitOptions = {}): Promise<Answer> {
    options.signal?.throwIfAborted();
    if (this.#clock.now() >= (options.finishBy ?? Infinity)) {
      throw tookTooLong(0);
    }
    this.refuseIfFull(job.task.kind, options.requester, options.finishBy);
    const answer = new Promise<Answer>((resolve, reject) => {
      const queued: QueuedJob = {
        job,
        picture: asQueued(job.picture),
        options,
        requester: options.requester ?? NOBODY,
        queuedAt: this.#clock.now(),
        resolve,
        reject,
        stopWaiting: () => undefined,
        place: undefined,
      };
      queued.stopWaiting = this.#watch(queued);
      this.#order.add(queued.requester, queued);
    });
    this.#observer.onQueued?.({ kind: job.task.kind });
    void this.#turns.add(() => this.#runNext());
    this.#tellPlaces();
    return answer;
  }

  /** Ends every waiting job with `reason`, and refuses new ones with it; the running one goes on. */
  stopAccepting(reason: Error): void {
    this.#stopReason ??= reason;
    for (const queued of this.#order.items()) {
      this.#end(queued, reason, 'stopped');
    }
  }

  snapshot(): QueueSnapshot {
    return {
      waiting: this.#order.size,
      running: this.#running !== undefined,
      medians: this.#times.medians,
      expectedWaitMs: this.#expectedWait(NOBODY),
    };
  }

  /** Ends what waits, waits for the running job and closes the inference behind. */
  async close(): Promise<void> {
    this.stopAccepting(new Error('The queue is closed.'));
    await this.#turns.onIdle();
    await this.#inference.close();
  }

  async #runNext(): Promise<void> {
    const queued = this.#order.take();
    if (queued === undefined) {
      // The jobs of this turn and of all later ones ended while they waited.
      return;
    }
    queued.stopWaiting();
    const { kind } = queued.job.task;
    const startedAt = this.#clock.now();
    const waitedMs = startedAt - queued.queuedAt;
    this.#running = { queued, startedAt };
    this.#observer.onStarted?.({ kind, waitedMs });
    this.#tellPlaces();
    let outcome: QueueOutcome = 'answered';
    try {
      let { picture } = queued;
      if (picture instanceof LatePicture) {
        picture = await picture.bytes();
        this.#running = { queued, startedAt: this.#clock.now() };
      }
      const answer = await this.#inference.submit({ ...queued.job, picture }, queued.options);
      this.#times.add(kind, this.#clock.now() - this.#running.startedAt);
      queued.resolve(answer);
    } catch (error) {
      outcome = outcomeOf(error, queued.options.signal);
      queued.reject(error);
    }
    this.#running = undefined;
    if (this.#order.size === 0) {
      this.#order.startAfresh();
    }
    this.#observer.onEnded?.({ kind, waitedMs, ranMs: this.#clock.now() - startedAt, outcome });
  }

  #refusal(kind: Task['kind'], requester: string, finishBy: number): UserError | undefined {
    const { waiting, perRequester, longestWaitMs } = this.#limits;
    const count = this.#jobsOf(requester);
    if (requester !== NOBODY && count >= perRequester) {
      return tooManyOfYours(count);
    }
    if (this.#running !== undefined && this.#order.size >= waiting) {
      return queueFull(this.#order.size);
    }
    const expected = this.#expectedWait(requester) ?? 0;
    return expected > Math.min(longestWaitMs, this.#longestWaitFor(kind, finishBy))
      ? waitTooLong(expected)
      : undefined;
  }

  /** What a job may wait if it is to be finished in time; one that need not wait may try. Milliseconds. */
  #longestWaitFor(kind: Task['kind'], finishBy: number): number {
    return Math.max(0, finishBy - this.#clock.now() - (this.#times.estimate(kind) ?? 0));
  }

  /** Ends a waiting job when its signal or its time says so. @returns stops watching */
  #watch(queued: QueuedJob): () => void {
    const { signal } = queued.options;
    const onAbort = (): void => {
      this.#end(queued, signal?.reason, 'cancelled');
      this.#tellPlaces();
    };
    signal?.addEventListener('abort', onAbort);
    const { job, options } = queued;
    const mayWait = this.#longestWaitFor(job.task.kind, options.finishBy ?? Infinity);
    const longest = Math.min(this.#limits.longestWaitMs, mayWait);
    const forgetLimit = this.#clock.after(longest, () => {
      this.#end(queued, waitTooLong(longest), 'mistake');
      this.#tellPlaces();
    });
    return () => {
      signal?.removeEventListener('abort', onAbort);
      forgetLimit();
    };
  }

  /** Of those without their pictures the next ones get them. One whose picture can't be had ends at once. */
  #fetchAhead(): void {
    const late = this.#order
      .items()
      .flatMap((queued) =>
        queued.picture instanceof LatePicture ? [{ queued, picture: queued.picture }] : [],
      );
    const fetched = late.filter(({ picture }) => picture.isFetched).length;
    const next = late.filter(({ picture }) => !picture.isFetched);
    for (const { queued, picture } of next.slice(0, Math.max(0, FETCHED_AHEAD - fetched))) {
      picture.bytes().catch((error: unknown) => {
        if (this.#order.items().includes(queued)) {
          this.#end(queued, error, outcomeOf(error, queued.options.signal));
          this.#tellPlaces();
        }
      });
    }
  }

  /** Ends a waiting job. */
  #end(queued: QueuedJob, reason: unknown, outcome: QueueOutcome): void {
    queued.stopWaiting();
    this.#order.remove(queued.requester, queued);
    queued.reject(reason);
    const waitedMs = this.#clock.now() - queued.queuedAt;
    this.#observer.onEnded?.({ kind: queued.job.task.kind, waitedMs, ranMs: undefined, outcome });
  }

  #tellPlaces(): void {
    this.#order.items().forEach((queued, index) => {
      const place = index + 1;
      if (queued.place !== place) {
        queued.place = place;
        queued.options.onProgress?.({ stage: 'waiting', place });
      }
    });
    this.#fetchAhead();
  }

  #jobsOf(requester: string): number {
    const waiting = this.#order.items().filter((queued) => queued.requester === requester).length;
    return waiting + (this.#running?.queued.requester === requester ? 1 : 0);
  }

  /** What a new job of this requester would wait, in milliseconds; undefined while nothing is known. */
  #expectedWait(requester: string): number | undefined {
    let expected = 0;
    if (this.#running !== undefined) {
      const { queued, startedAt } = this.#running;
      const estimate = this.#times.estimate(queued.job.task.kind);
      if (estimate === undefined) {
        return undefined;
      }
      expected = Math.max(0, estimate - (this.#clock.now() - startedAt));
    }
    for (const { job } of this.#order.ahead(requester)) {
      const estimate = this.#times.estimate(job.task.kind);
      if (estimate === undefined) {
        return undefined;
      }
      expected += estimate;
    }
    return expected;
  }
}

function outcomeOf(error: unknown, signal: AbortSignal | undefined): QueueOutcome {
  if (signal?.aborted === true) {
    return 'cancelled';
  }
  return error instanceof UserError ? 'mistake' : 'failed';
}
