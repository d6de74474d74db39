import { setTimeout as sleep } from 'node:timers/promises';
import type { Inference, Job, SubmitOptions } from '../../src/inference/inference.js';
import type { Answer, Progress } from '../../src/task.js';

/** Real inference that can be held back, so that a test sees what happens while a job runs. */
export class HeldInference implements Inference {
  readonly #inference: Inference;
  #held = false;
  #pace = 0;
  #waiting: (() => void)[] = [];
  #started: ((job: Job) => void)[] = [];

  constructor(inference: Inference) {
    this.#inference = inference;
  }

  /** Jobs that begin from now on say that they look at the picture, and wait. */
  hold(): void {
    this.#held = true;
  }

  /** Lets those go on that were held, and the later ones pass. */
  release(): void {
    this.#held = false;
    this.#waiting.splice(0).forEach((resume) => {
      resume();
    });
  }

  /** Lets one job go on; the later ones are still held. */
  releaseOne(): void {
    this.#waiting.shift()?.();
  }

  /**
   * What real inference says at once, it says at the pace of a large model from now on.
   *
   * @param milliseconds between two words
   */
  slowDown(milliseconds: number): void {
    this.#pace = milliseconds;
  }

  /** Resolves when the next job begins. */
  async nextStart(): Promise<Job> {
    return new Promise((resolve) => this.#started.push(resolve));
  }

  async submit(job: Job, options: SubmitOptions = {}): Promise<Answer> {
    this.#started.splice(0).forEach((resolve) => {
      resolve(job);
    });
    if (this.#held) {
      options.onProgress?.({ stage: 'looking', text: '' });
      await new Promise<void>((resolve, reject) => {
        this.#waiting.push(resolve);
        options.signal?.addEventListener('abort', () => {
          reject(options.signal?.reason as Error);
        });
      });
    }
    return this.#pace === 0 ? this.#inference.submit(job, options) : this.#submitSlowly(job, options);
  }

  close(): Promise<void> {
    return this.#inference.close();
  }

  async #submitSlowly(job: Job, options: SubmitOptions): Promise<Answer> {
    const said: Progress[] = [];
    const answer = await this.#inference.submit(job, {
      ...options,
      onProgress: (progress) => said.push(progress),
    });
    for (const progress of said) {
      options.signal?.throwIfAborted();
      options.onProgress?.(progress);
      await sleep(this.#pace);
    }
    return answer;
  }
}
