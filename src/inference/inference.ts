import type { Answer, EncodedPicture, Progress, Task } from '../task.js';

/** One question about one picture. */
export interface Job {
  /** The bytes of a picture file, as they came: nothing has looked at them yet. */
  readonly picture: Uint8Array;
  readonly task: Task;
  readonly output?: Output;
}

/** How the picture and the masks of an answer come back. */
export interface Output {
  /** The format to try first; PNG unless said otherwise. */
  readonly mediaType?: EncodedPicture['mediaType'];
  /** The picture is re-encoded, and reduced if need be, until it fits. Bytes; no limit unless said otherwise. */
  readonly maxBytes?: number;
  /** The picture's longer side is reduced to this. Pixels. */
  readonly longestSide?: number;
  /** False: nothing is drawn, and no picture comes back. */
  readonly drawn?: boolean;
  /** A clean copy of the picture, without its metadata, comes back also where there is nothing to draw. */
  readonly always?: boolean;
  /** False: masks are drawn but left out of the answer's detections. */
  readonly masks?: boolean;
}

export interface SubmitOptions {
  /** Ends the job, waiting or running; `submit` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called when the job's place in the queue changes, and as the answer grows. */
  readonly onProgress?: (progress: Progress) => void;
  /** Who asks, in whatever words the caller knows people by; a queue lets different requesters take turns. */
  readonly requester?: string;
  /** The answer has to be there by then, with what there is: as `performance.now` tells it. */
  readonly finishBy?: number;
}

/** Picture and Task in, Answer out. */
export interface Inference {
  /**
   * @throws {UserError} the picture can't be read, the task is empty, or the queue takes no more
   */
  submit(job: Job, options?: SubmitOptions): Promise<Answer>;
  /** Waits for the running job and gives the model's memory back. */
  close(): Promise<void>;
}
