import PQueue from 'p-queue';
import { annotate } from '../rendering/annotate.js';
import type { Answer, EncodedPicture } from '../task.js';
import type { Inference, Job, SubmitOptions } from './inference.js';
import type { PaliGemma } from './paligemma/engine.js';
import { decodePicture } from './paligemma/picture.js';

/** Answers in this process: one job at a time reaches the model, the others wait in order. */
export class LocalInference implements Inference {
  readonly #engine: PaliGemma;
  readonly #mediaType: EncodedPicture['mediaType'];
  readonly #queue = new PQueue({ concurrency: 1 });

  /**
   * @param engine is closed by `close`
   * @param mediaType the format of annotated pictures
   */
  constructor(engine: PaliGemma, mediaType: EncodedPicture['mediaType'] = 'image/png') {
    this.#engine = engine;
    this.#mediaType = mediaType;
  }

  async submit(job: Job, options: SubmitOptions = {}): Promise<Answer> {
    const { signal } = options;
    signal?.throwIfAborted();
    // The queue sees an abort only while the job waits: it would give a running job's place to the next one at
    // once, and the engine is busy until its token is finished.
    const waiting = new AbortController();
    const stopWaiting = (): void => {
      waiting.abort(signal?.reason);
    };
    signal?.addEventListener('abort', stopWaiting);
    const run = (): Promise<Answer> => {
      signal?.removeEventListener('abort', stopWaiting);
      return this.#answer(job, options);
    };
    return this.#queue.add(run, { signal: waiting.signal });
  }

  async close(): Promise<void> {
    await this.#queue.onIdle();
    await this.#engine.close();
  }

  async #answer({ picture, task }: Job, options: SubmitOptions): Promise<Answer> {
    const answer = await this.#engine.answer(picture, task, options);
    if (answer.detections.length === 0) {
      return answer;
    }
    // Decoded once more instead of kept: a large photograph's pixels need not sit beside the model meanwhile.
    const upright = await decodePicture(picture);
    return { ...answer, picture: await annotate(upright, answer.detections, this.#mediaType) };
  }
}
