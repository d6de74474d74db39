import type { Config } from '../config.js';
import type { Inference } from '../inference/inference.js';
import type { Choice } from '../inference/machine/choice.js';
import type { PaliGemma } from '../inference/paligemma/engine.js';
import type { EncodedPicture } from '../task.js';

export interface OpenOptions {
  /** The format of annotated pictures. */
  readonly mediaType?: EncodedPicture['mediaType'];
  /** Told how the model is to be run, before it is loaded. */
  readonly onChoice?: (choice: Choice) => void;
  /** Told why it can't be run so, and how it is to be run instead. */
  readonly onFallback?: (why: string, fallback: Choice) => void;
}

/**
 * The model that the settings ask for, loaded and ready. Its code is loaded here too and not before: it is large, and the
 * bot's gateway process has no use for it.
 *
 * @throws {UserError} the folder is no checkpoint that Glimpse can run here
 */
export async function openInference(
  config: Config,
  { mediaType, onChoice, onFallback }: OpenOptions = {},
): Promise<Inference> {
  const { chooseModel, loadChosen } = await import('./chosen-model.js');
  const { LocalInference } = await import('../inference/local-inference.js');
  const { PaliGemma: Engine } = await import('../inference/paligemma/engine.js');
  const choice = await chooseModel(config);
  onChoice?.(choice);
  const load = async (chosen: Choice): Promise<PaliGemma> => {
    const loaded = await Engine.load(config.model, chosen);
    if (chosen.fallback !== undefined) {
      // What a graphics card loads it need not be able to run.
      await loaded.testWords();
      await loaded.testSight();
    }
    return loaded;
  };
  const engine = await loadChosen(choice, load, onFallback);
  return new LocalInference(engine, mediaType === undefined ? {} : { mediaType });
}
