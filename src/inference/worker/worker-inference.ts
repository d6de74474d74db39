import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Answer } from '../../task.js';
import type { Inference, Job, SubmitOptions } from '../inference.js';
import { OneAtATime } from '../one-at-a-time.js';
import { SessionError } from '../session-error.js';
import { tookTooLong } from '../time-limit.js';
import { DeadlyPictures } from './deadly-pictures.js';
import { Fitness } from './fitness.js';
import type { ModelOptions, RunOptions, WorkerDescription } from './protocol.js';
import { Silences } from './silences.js';
import { runSupervised, type Patience } from './supervision.js';
import { WorkerAwayError, WorkerDiedError, type WorkerExit } from './worker-died-error.js';
import { WorkerProcess, type LogStream } from './worker-process.js';

export type { WorkerDescription } from './protocol.js';
export { WorkerAwayError, WorkerDiedError } from './worker-died-error.js';

/** What becomes of the worker, for logs and metrics. */
export type WorkerEvent =
  | { readonly kind: 'started'; readonly description: WorkerDescription }
  | ({
      readonly kind: 'died';
      readonly pid: number | undefined;
      /** True where the host killed it, because it did not end a job in time or does not work. */
      readonly killed: boolean;
    } & WorkerExit)
  | { readonly kind: 'loadFailed'; readonly error: Error }
  /** A graph of the model could not be run; `replaced` says whether its worker is killed for it. */
  | { readonly kind: 'sessionFailed'; readonly error: Error; readonly replaced: boolean }
  /** The model failed so often that it is run in another way from now on. */
  | { readonly kind: 'fellBack'; readonly to: RunOptions }
  /** `attempt` counts from 1 since a job was last answered. */
  | { readonly kind: 'restarting'; readonly attempt: number; readonly pauseMs: number }
  | { readonly kind: 'log'; readonly stream: LogStream; readonly line: string };

export interface WorkerInferenceOptions extends ModelOptions {
  /** How to run the model instead where a graphics card has failed for good. */
  readonly fallback?: RunOptions | undefined;
  /** A job that runs longer is ended, with what it has said. Milliseconds. */
  readonly jobTimeLimitMs: number;
  /** The file that the worker runs; `worker.js`, or `worker.ts` where this runs from its sources. */
  readonly entry?: string;
  /** Node's own arguments for the worker; those of this process, which is how tsx gets there too. */
  readonly execArgv?: readonly string[];
  /** The environment of the worker, which decodes what strangers send: leave secrets out. This one's, unless given. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly onEvent?: (event: WorkerEvent) => void;
  readonly patience?: Partial<Patience>;
  /** Before the first, second, … restart in a row; the last one is kept. Milliseconds. */
  readonly restartPausesMs?: readonly number[];
}

const PATIENCE: Patience = { cancelMs: 10_000, timeLimitMs: 20_000, closeMs: 5000, restartMs: 300_000 };
const RESTART_PAUSES_MS = [0, 1000, 2000, 5000, 15_000, 30_000];

/** `worker.ts` beside this file where it runs from its sources, as under tsx, and `worker.js` where it was built. */
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

/** Answers in a process of its own, which is started again whenever it dies. */
export class WorkerInference implements Inference {
  readonly #options: WorkerInferenceOptions;
  readonly #patience: Patience;
  readonly #jobs = new OneAtATime();
  readonly #deadly = new DeadlyPictures();
  readonly #fitness = new Fitness();
  /** Workers that were killed because the model does not work in them. */
  readonly #unfit = new WeakSet<WorkerProcess>();
  readonly #silences = new Silences();
  readonly #closing = new AbortController();
  /** The worker that has loaded its model, or the next one that will have. */
  #worker: Promise<WorkerProcess>;
  #run: RunOptions;
  #description: WorkerDescription | undefined;
  /** Restarts since a job was last answered. */
  #restarts = 0;
  #lastExit: WorkerExit = { exitCode: null, signal: null };
  #closed: Promise<void> | undefined;

  private constructor(options: WorkerInferenceOptions) {
    this.#options = options;
    this.#run = options;
    this.#patience = { ...PATIENCE, ...options.patience };
    this.#worker = this.#launch();
  }

  /**
   * Starts the worker and waits until it has loaded the model.
   *
   * @throws {UserError} the folder is no checkpoint that Glimpse runs, or the provider is not to be had
   * @throws {WorkerDiedError} the process ended while it loaded
   */
  static async start(options: WorkerInferenceOptions): Promise<WorkerInference> {
    const inference = new WorkerInference(options);
    await inference.#worker;
    return inference;
  }

  /** What the worker that started last has loaded. */
  get description(): WorkerDescription {
    if (this.#description === undefined) {
      throw new Error('The worker has loaded nothing yet.');
    }
    return this.#description;
  }

  /** Whether the model fails again and again: several workers did so, and no job was answered since. */
  get isFailing(): boolean {
    return this.#fitness.isDoubtful;
  }

  /**
   * A job whose worker dies, or whose model fails, is tried once more, unless two workers have died at its picture by then.
   *
   * @throws {UserError} as every `Inference`, `timeLimit` and `pictureDeadly`
   * @throws {WorkerDiedError} the worker died twice
   * @throws {SessionError} the model failed twice
   * @throws {WorkerAwayError} the worker does not come back
   */
  async submit(job: Job, options: SubmitOptions = {}): Promise<Answer> {
    this.#closing.signal.throwIfAborted();
    return this.#jobs.run(async () => {
      this.#deadly.refuse(job.picture);
      const answer = await this.#tryTwice(job, options);
      this.#deadly.acquit(job.picture);
      this.#fitness.startAfresh();
      this.#restarts = 0;
      return answer;
    }, options.signal);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort(new Error('The worker was closed.'));
    await this.#jobs.idle();
    const worker = await this.#worker.catch(() => undefined);
    await worker?.close(this.#patience.closeMs);
  }

  async #tryTwice(job: Job, { signal, onProgress, finishBy = Infinity }: SubmitOptions): Promise<Answer> {
    const patience = this.#patience;
    for (let isLast = false; ; isLast = true) {
      const worker = await this.#ready(signal);
      const limitMs = Math.min(this.#options.jobTimeLimitMs, finishBy - performance.now());
      if (limitMs <= 0) {
        throw tookTooLong(0);
      }
      try {
        return await runSupervised(worker, job, {
          signal,
          onProgress,
          limitMs,
          patience,
          silences: this.#silences,
        });
      } catch (error) {
        const failed = error instanceof SessionError;
        if (failed) {
          await this.#doubt(worker, error);
        }
        const died = error instanceof WorkerDiedError;
        const unfit = this.#unfit.has(worker);
        // One that would not end a job in time was killed for it. It is not tried again: that would take as long.
        const hung = worker.killed && signal?.aborted !== true;
        const isDeadly = !unfit && (died || hung) && this.#deadly.blame(job.picture);
        if (!(died || failed) || isDeadly || isLast || this.#closing.signal.aborted) {
          throw error;
        }
      }
    }
  }

  /** Ends a worker whose model fails, unless that may be an accident. */
  async #doubt(worker: WorkerProcess, error: Error): Promise<void> {
    const replaced = this.#fitness.sessionFailed(this.#run.provider);
    this.#options.onEvent?.({ kind: 'sessionFailed', error, replaced });
    if (replaced) {
      await this.#end(worker);
    }
  }

  async #end(worker: WorkerProcess): Promise<void> {
    this.#unfit.add(worker);
    worker.kill();
    await worker.exited;
  }

  /** The worker, once it is there. @throws {WorkerAwayError} it has not come back in time */
  async #ready(signal: AbortSignal | undefined): Promise<WorkerProcess> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', onAbort);
      const limit = setTimeout(() => {
        reject(new WorkerAwayError(this.#lastExit));
      }, this.#patience.restartMs);
      this.#worker.then(resolve, reject).finally(() => {
        clearTimeout(limit);
        signal?.removeEventListener('abort', onAbort);
      });
    });
  }

  /** Starts a process and waits until it has loaded the model; ends it where that fails. */
  async #launch(): Promise<WorkerProcess> {
    const { model, environment, onEvent } = this.#options;
    const { dtype, provider, threads } = this.#run;
    const { entry = fileURLToPath(ENTRY), execArgv = inheritedExecArgv() } = this.#options;
    let ready = false;
    const worker = new WorkerProcess({
      entry,
      execArgv,
      environment,
      model: { model, dtype, provider, threads },
      onLog: (stream, line) => onEvent?.({ kind: 'log', stream, line }),
      onUnfit: (error) => {
        onEvent?.({ kind: 'sessionFailed', error, replaced: true });
        this.#fitness.workerFailed();
        void this.#end(worker);
      },
      onExit: (exit) => {
        this.#lastExit = exit;
        if (this.#closing.signal.aborted) {
          return;
        }
        // One that failed to load tells so itself.
        if (ready || !worker.killed) {
          onEvent?.({ kind: 'died', pid: worker.pid, killed: worker.killed, ...exit });
        }
        if (ready) {
          this.#replace(worker);
        }
      },
    });
    const killOnClose = (): void => {
      worker.kill();
    };
    this.#closing.signal.addEventListener('abort', killOnClose);
    try {
      this.#description = await worker.loaded;
    } catch (error) {
      worker.kill();
      await worker.exited;
      throw error;
    } finally {
      this.#closing.signal.removeEventListener('abort', killOnClose);
    }
    ready = true;
    onEvent?.({ kind: 'started', description: this.#description });
    return worker;
  }

  #replace(dead: WorkerProcess): void {
    if (dead.killed && !this.#unfit.has(dead)) {
      // It was busy, not broken.
      this.#restarts = 0;
    }
    this.#worker = this.#restart();
    // Who waits for the worker is told; where nobody does, nobody need be.
    this.#worker.catch(() => undefined);
  }

  /** Tries until a worker is there. @throws the reason of `#closing` */
  async #restart(): Promise<WorkerProcess> {
    const { restartPausesMs: pauses = RESTART_PAUSES_MS, onEvent } = this.#options;
    for (;;) {
      this.#fallBack();
      const pauseMs = pauses[Math.min(this.#restarts, pauses.length - 1)] ?? 0;
      this.#restarts++;
      onEvent?.({ kind: 'restarting', attempt: this.#restarts, pauseMs });
      await sleep(pauseMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      this.#closing.signal.throwIfAborted();
      try {
        return await this.#launch();
      } catch (error) {
        this.#closing.signal.throwIfAborted();
        this.#fitness.workerFailed();
        if (!(error instanceof WorkerDiedError)) {
          onEvent?.({ kind: 'loadFailed', error: error instanceof Error ? error : new Error(String(error)) });
        }
      }
    }
  }

  /** Runs the model in the other way that was named, where it has failed often enough on a graphics card. */
  #fallBack(): void {
    const { fallback, onEvent } = this.#options;
    if (fallback !== undefined && this.#run.provider !== 'cpu' && this.#fitness.isHopeless) {
      this.#run = fallback;
      this.#restarts = 0;
      this.#fitness.startAfresh();
      onEvent?.({ kind: 'fellBack', to: fallback });
    }
  }
}

/** Without those of the debugger: its port is taken by this process. */
function inheritedExecArgv(): string[] {
  return process.execArgv.filter((argument) => !argument.startsWith('--inspect'));
}
