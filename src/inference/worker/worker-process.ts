import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { givingMemoryBack } from '../../config.js';
import type { Answer, Progress } from '../../task.js';
import type { Job } from '../inference.js';
import { fromPortable } from './portable-error.js';
import {
  isWorkerMessage,
  type HostMessage,
  type ModelOptions,
  type WorkerDescription,
  type WorkerMessage,
} from './protocol.js';
import { WorkerDiedError, type WorkerExit } from './worker-died-error.js';

/** The name of a stream that a worker writes lines to. */
export type LogStream = 'stdout' | 'stderr';

export interface WorkerProcessOptions {
  /** The file that the process runs. */
  readonly entry: string;
  readonly execArgv: readonly string[];
  /** The environment of the process; undefined: this one's. */
  readonly environment: NodeJS.ProcessEnv | undefined;
  readonly model: ModelOptions;
  readonly onLog: (stream: LogStream, line: string) => void;
  /** Called where the model is loaded and turns out not to work. */
  readonly onUnfit?: (error: Error) => void;
  /** Called before the promises of the process are rejected. */
  readonly onExit: (exit: WorkerExit) => void;
}

interface Settling<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: Error) => void;
}

interface RunningJob extends Settling<Answer | undefined> {
  readonly id: number;
  readonly onProgress: (progress: Progress) => void;
}

/** One process that runs the model, seen from its host: it starts, loads, answers job after job, and ends. */
export class WorkerProcess {
  /** @throws {UserError} the model can't be loaded. @throws {WorkerDiedError} the process ended before it was */
  readonly loaded: Promise<WorkerDescription>;
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #onUnfit: ((error: Error) => void) | undefined;
  readonly #onExit: (exit: WorkerExit) => void;
  #loading: Settling<WorkerDescription> | undefined;
  #job: RunningJob | undefined;
  #lastId = 0;
  #killed = false;

  constructor({ entry, execArgv, environment, model, onLog, onUnfit, onExit }: WorkerProcessOptions) {
    this.#onUnfit = onUnfit;
    this.#onExit = onExit;
    this.#child = fork(entry, {
      execArgv: [...execArgv],
      env: givingMemoryBack(environment),
      // Pictures cross as bytes instead of as JSON.
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.loaded = new Promise((resolve, reject) => {
      this.#loading = { resolve, reject };
    });
    this.exited = new Promise((resolve) => {
      this.#watchExit(resolve);
    });
    this.#child.on('message', (message) => {
      if (isWorkerMessage(message)) {
        this.#receive(message);
      }
    });
    forwardLines(this.#child.stdout, (line) => {
      onLog('stdout', line);
    });
    forwardLines(this.#child.stderr, (line) => {
      onLog('stderr', line);
    });
    this.#tell({ type: 'load', options: model });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** True once `kill` was called: the process is not to blame for its end. */
  get killed(): boolean {
    return this.#killed;
  }

  /**
   * One job at a time, once the model is loaded.
   *
   * @param limitMs after which the worker ends it with what there is
   * @returns undefined where the job was cancelled
   * @throws {UserError} as `Inference.submit` does
   * @throws {WorkerDiedError} the process ended before it had answered
   */
  async run(
    job: Job,
    onProgress: (progress: Progress) => void,
    limitMs = Infinity,
  ): Promise<Answer | undefined> {
    const id = ++this.#lastId;
    const answer = new Promise<Answer | undefined>((resolve, reject) => {
      this.#job = { id, onProgress, resolve, reject };
    });
    this.#tell({ type: 'job', id, job, limitMs });
    return answer;
  }

  /** Asks for the end of the running job; `run` settles when it has ended. */
  cancel(): void {
    if (this.#job !== undefined) {
      this.#tell({ type: 'cancel', id: this.#job.id });
    }
  }

  /** Ends the process at once. */
  kill(): void {
    this.#killed = true;
    this.#child.kill('SIGKILL');
  }

  /** Lets the process end by itself, and ends it after `graceMs` otherwise. */
  async close(graceMs: number): Promise<void> {
    this.#tell({ type: 'close' });
    const timer = setTimeout(() => {
      this.kill();
    }, graceMs);
    await this.exited;
    clearTimeout(timer);
  }

  #watchExit(exited: () => void): void {
    // The model blocks its thread, so that a worker may not notice for a while that its host has gone.
    const killWithHost = (): void => {
      this.#child.kill('SIGKILL');
    };
    process.on('exit', killWithHost);
    const end = (exit: WorkerExit, cause?: unknown): void => {
      process.off('exit', killWithHost);
      this.#onExit(exit);
      const error = new WorkerDiedError(exit, { cause });
      this.#loading?.reject(error);
      this.#job?.reject(error);
      this.#job = undefined;
      exited();
    };
    this.#child.once('exit', (exitCode, signal) => {
      end({ exitCode, signal });
    });
    this.#child.on('error', (error) => {
      if (this.#child.pid === undefined) {
        end({ exitCode: null, signal: null }, error);
      }
    });
  }

  #receive(message: WorkerMessage): void {
    if (message.type === 'loaded') {
      this.#loading?.resolve(message.description);
      return;
    }
    if (message.type === 'loadFailed') {
      this.#loading?.reject(fromPortable(message.error));
      return;
    }
    if (message.type === 'unfit') {
      this.#onUnfit?.(fromPortable(message.error));
      return;
    }
    const job = this.#job;
    if (job?.id !== message.id) {
      return;
    }
    if (message.type === 'progress') {
      job.onProgress(message.progress);
      return;
    }
    this.#job = undefined;
    switch (message.type) {
      case 'answer':
        job.resolve(message.answer);
        break;
      case 'cancelled':
        job.resolve(undefined);
        break;
      case 'failed':
        job.reject(fromPortable(message.error));
        break;
    }
  }

  #tell(message: HostMessage): void {
    // A process that can't be told anything has ended or is about to, which its exit says.
    this.#child.send(message, undefined, undefined, () => undefined);
  }
}

function forwardLines(stream: Readable | null, onLine: (line: string) => void): void {
  if (stream !== null) {
    createInterface({ input: stream }).on('line', onLine);
  }
}
