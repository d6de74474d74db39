import type { Answer, Progress, Task } from '../task.js';

/** One question about one picture. */
export interface Job {
  /** The bytes of a picture file, as they came: nothing has looked at them yet. */
  readonly picture: Uint8Array;
  readonly task: Task;
}

export interface SubmitOptions {
  /** Ends the job, waiting or running; `submit` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called as the answer grows. */
  readonly onProgress?: (progress: Progress) => void;
}

/** Picture and Task in, Answer out. */
export interface Inference {
  /**
   * @throws {UserError} the picture can't be read, or the task is empty
   */
  submit(job: Job, options?: SubmitOptions): Promise<Answer>;
  /** Waits for the running job and gives the model's memory back. */
  close(): Promise<void>;
}
