import type { Clock } from '../../src/inference/clock.js';
import type { Inference, Job, SubmitOptions } from '../../src/inference/inference.js';
import type { Answer, Task } from '../../src/task.js';

/** A clock that a test moves on. Milliseconds. */
export class HandClock implements Clock {
  #now = 0;
  readonly #calls = new Set<{ readonly at: number; readonly call: () => void }>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, call: () => void): () => void {
    const entry = { at: this.#now + milliseconds, call };
    this.#calls.add(entry);
    return () => {
      this.#calls.delete(entry);
    };
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds;
    for (const entry of this.#calls) {
      if (entry.at <= this.#now) {
        this.#calls.delete(entry);
        entry.call();
      }
    }
  }
}

/** A question, by which a test knows a job again. */
export function job(name: string, kind: 'ask' | 'ocr' = 'ask'): Job {
  const task: Task = kind === 'ocr' ? { kind } : { kind, question: name, language: 'en' };
  return { picture: new Uint8Array(), task };
}

/** In the place of a worker: jobs run until the test ends them. Like a worker, it needs a moment to obey a signal. */
export class ManualInference implements Inference {
  /** Questions in the order in which they started. */
  readonly started: string[] = [];
  closed = false;
  #running: { readonly job: Job; readonly end: (error?: Error) => void } | undefined;

  async submit(job: Job, { signal }: SubmitOptions = {}): Promise<Answer> {
    if (this.#running !== undefined) {
      throw new Error('A job runs already.');
    }
    this.started.push(job.task.kind === 'ask' ? job.task.question : job.task.kind);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#running = {
          job,
          end: (error) => {
            if (error === undefined) {
              resolve();
            } else {
              reject(error);
            }
          },
        };
      });
      signal?.throwIfAborted();
    } finally {
      this.#running = undefined;
    }
    return {
      task: job.task,
      text: '',
      detections: [],
      finish: 'complete',
      size: { width: 1, height: 1 },
      firstFrameOnly: false,
      timings: { decode: 0, vision: 0, prefill: 0, decodePerToken: 0, tokens: 0 },
    };
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  /** Ends the running job, with an answer or an error; resolves when the next one has started. */
  async finish(error?: Error): Promise<void> {
    if (this.#running === undefined) {
      throw new Error('No job runs.');
    }
    this.#running.end(error);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
