import { setTimeout as sleep } from 'node:timers/promises';
import { DEMO_MODEL } from '../../src/config.js';
import type { Inference, Job, SubmitOptions } from '../../src/inference/inference.js';
import {
  WorkerInference,
  type WorkerEvent,
  type WorkerInferenceOptions,
} from '../../src/inference/worker/worker-inference.js';
import type { Answer, Progress } from '../../src/task.js';

/** What is done to a worker while it is at a job. */
export interface Harm {
  /** `SIGSTOP` is a hang: only SIGKILL ends it. */
  readonly signal: 'SIGKILL' | 'SIGABRT' | 'SIGSEGV' | 'SIGSTOP';
  readonly stage: Exclude<Progress['stage'], 'waiting'>;
  /** After the stage was told. Milliseconds. */
  readonly afterMs: number;
}

/** A worker with the demo model, which is harmed as a test wants it. */
export class HarmedWorker implements Inference {
  readonly events: WorkerEvent[] = [];
  /** Who asked, in the order in which their jobs began; one whose job is tried again stands there once. */
  readonly order: string[] = [];
  readonly #harms = new Map<string, Harm[]>();
  #worker: WorkerInference | undefined;

  static async start(options: Partial<WorkerInferenceOptions> = {}): Promise<HarmedWorker> {
    const harmed = new HarmedWorker();
    harmed.#worker = await WorkerInference.start({
      model: DEMO_MODEL,
      dtype: undefined,
      provider: 'cpu',
      threads: 1,
      jobTimeLimitMs: 60_000,
      onEvent: (event) => harmed.events.push(event),
      ...options,
    });
    return harmed;
  }

  /** The process that was started last. */
  get pid(): number {
    return this.#started.description.pid;
  }

  get isFailing(): boolean {
    return this.#started.isFailing;
  }

  /** How often a worker has died. */
  get deaths(): number {
    return this.events.filter(({ kind }) => kind === 'died').length;
  }

  /** What happens at the tries of the requester's next jobs, one after another; then nothing more. */
  harm(requester: string, harms: readonly Harm[]): void {
    this.#harms.set(requester, [...harms]);
  }

  async submit(job: Job, options: SubmitOptions = {}): Promise<Answer> {
    const { requester = '', onProgress } = options;
    this.order.push(requester);
    let harm: Harm | undefined;
    return this.#started.submit(job, {
      ...options,
      onProgress: (progress) => {
        onProgress?.(progress);
        if (progress.stage === 'looking') {
          // Another try has begun.
          harm = this.#harms.get(requester)?.shift();
        }
        if (harm?.stage === progress.stage) {
          void this.#do(harm);
          harm = undefined;
        }
      },
    });
  }

  async close(): Promise<void> {
    await this.#worker?.close();
  }

  get #started(): WorkerInference {
    if (this.#worker === undefined) {
      throw new Error('The worker has not been started.');
    }
    return this.#worker;
  }

  async #do({ signal, afterMs }: Harm): Promise<void> {
    const { pid } = this;
    if (afterMs > 0) {
      await sleep(afterMs);
    }
    try {
      process.kill(pid, signal);
    } catch {
      // It has died already.
    }
  }
}
