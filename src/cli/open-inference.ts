import type { Config } from '../config.js';
import type { Inference } from '../inference/inference.js';
import { LocalInference } from '../inference/local-inference.js';
import { PaliGemma } from '../inference/paligemma/engine.js';
import type { EncodedPicture } from '../task.js';

/**
 * The model that the settings ask for, loaded and ready.
 *
 * @param mediaType the format of annotated pictures
 * @throws {UserError} the folder is no checkpoint that Glimpse can run
 */
export async function openInference(
  { model, dtype, provider, threads }: Config,
  mediaType?: EncodedPicture['mediaType'],
): Promise<Inference> {
  const engine = await PaliGemma.load(model, {
    provider,
    ...(dtype === undefined ? {} : { dtype }),
    ...(threads === undefined ? {} : { threads }),
  });
  return new LocalInference(engine, mediaType === undefined ? {} : { mediaType });
}
