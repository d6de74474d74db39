import type { Config } from '../config.js';
import type { Inference } from '../inference/inference.js';
import type { EncodedPicture } from '../task.js';

/**
 * The model that the settings ask for, loaded and ready. Its code is loaded here too and not before: it is large, and the
 * bot's gateway process has no use for it.
 *
 * @param mediaType the format of annotated pictures
 * @throws {UserError} the folder is no checkpoint that Glimpse can run
 */
export async function openInference(
  { model, dtype, provider, threads }: Config,
  mediaType?: EncodedPicture['mediaType'],
): Promise<Inference> {
  const { LocalInference } = await import('../inference/local-inference.js');
  const { PaliGemma } = await import('../inference/paligemma/engine.js');
  const engine = await PaliGemma.load(model, {
    provider,
    ...(dtype === undefined ? {} : { dtype }),
    ...(threads === undefined ? {} : { threads }),
  });
  return new LocalInference(engine, mediaType === undefined ? {} : { mediaType });
}
