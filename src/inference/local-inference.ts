import type { Answer } from '../task.js';
import { answerJob } from './answer-job.js';
import type { Inference, Job, Output, SubmitOptions } from './inference.js';
import { OneAtATime } from './one-at-a-time.js';
import type { PaliGemma } from './paligemma/engine.js';

/** Answers in this process: one job at a time reaches the model, the others wait in order. */
export class LocalInference implements Inference {
  readonly #engine: PaliGemma;
  readonly #output: Output;
  readonly #jobs = new OneAtATime();

  /**
   * @param engine is closed by `close`
   * @param output for what a job does not say of its own output
   */
  constructor(engine: PaliGemma, output: Output = {}) {
    this.#engine = engine;
    this.#output = output;
  }

  async submit(job: Job, options: SubmitOptions = {}): Promise<Answer> {
    const output = { ...this.#output, ...job.output };
    return this.#jobs.run(() => answerJob(this.#engine, { ...job, output }, options), options.signal);
  }

  async close(): Promise<void> {
    await this.#jobs.idle();
    await this.#engine.close();
  }
}
