import { annotate, LARGEST_LONGER_SIDE } from '../rendering/annotate.js';
import { encodeToFit } from '../rendering/fit.js';
import type { Answer, EncodedPicture } from '../task.js';
import type { Job, Output } from './inference.js';
import type { AnswerOptions, PaliGemma } from './paligemma/engine.js';
import { decodePicture } from './paligemma/picture.js';
import { isEmptyHanded, tookTooLong } from './time-limit.js';

/**
 * Asks the engine and draws what it found, as `job.output` wants it.
 *
 * @throws {UserError} the picture can't be read, the task is empty or too long, or `finishBy` came before the first word
 * @throws the signal's reason, once it is aborted
 * @throws {Error} no picture is as small as `maxBytes`
 */
export async function answerJob(
  engine: PaliGemma,
  { picture, task, output = {} }: Job,
  options: AnswerOptions = {},
): Promise<Answer> {
  const started = performance.now();
  const { signal, finishBy = Infinity } = options;
  const answer = await engine.answer(picture, task, options);
  signal?.throwIfAborted();
  if (isEmptyHanded(answer) && performance.now() >= finishBy) {
    throw tookTooLong(finishBy - started);
  }
  const drawn = await drawAnswer(picture, answer, output);
  return {
    ...answer,
    ...(output.masks === false ? { detections: answer.detections.map(withoutMask) } : {}),
    ...(drawn === undefined ? {} : { picture: drawn }),
  };
}

async function drawAnswer(
  file: Uint8Array,
  { detections, size }: Answer,
  output: Output,
): Promise<EncodedPicture | undefined> {
  if (output.drawn === false || (detections.length === 0 && output.always !== true)) {
    return undefined;
  }
  // Decoded once more instead of kept: a large photograph's pixels need not sit beside the model meanwhile, and most
  // formats are decoded faster into a reduced picture.
  if (detections.length === 0) {
    return encodeToFit(await decodePicture(file, output.longestSide), output);
  }
  const longestSide = Math.min(output.longestSide ?? Infinity, LARGEST_LONGER_SIDE);
  const picture = await decodePicture(file, longestSide);
  return encodeToFit(await annotate(picture, detections, { longestSide, size }), output);
}

function withoutMask({ label, box }: Answer['detections'][number]): Answer['detections'][number] {
  return { label, box };
}
