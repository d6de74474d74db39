import { likeliest } from '../../src/inference/paligemma/generate.js';
import { tokenLimit } from '../../src/inference/paligemma/stopping.js';
import type { EvaluationPicture } from '../evaluation/evaluation-set.js';
import type { StepwiseModel } from './stepwise-model.js';

/** How two models go together along the same words. */
export interface Agreement {
  /** The steps at which both would say the same token next, 0 to 1. */
  readonly sameToken: number;
  /** Root mean square of the difference of all logits over the standard deviation of the exact ones. */
  readonly logitError: number;
}

/**
 * Leads a model along the answers of an exact one and compares what they would say next at each step, the end of an
 * answer included.
 *
 * @param steps as many are compared, over as many pictures as that takes
 * @throws {Error} the pictures do not give that many
 */
export async function agreement(
  exact: StepwiseModel,
  other: StepwiseModel,
  pictures: readonly EvaluationPicture[],
  steps: number,
): Promise<Agreement> {
  const end = exact.tokenizer.idOf('<eos>');
  const { imageTokenId: vocabularyEnd } = exact.tokenizer;
  let [done, same, difference, spread] = [0, 0, 0, 0];
  for (const { file, cases } of pictures) {
    for (const { task } of cases) {
      const [leading, led] = [await exact.read(file, task), await other.read(file, task)];
      const limit = tokenLimit(task, exact.square);
      for (let tokens = 0; tokens < limit && done < steps; tokens++) {
        const token = likeliest(leading.logits, vocabularyEnd);
        same += token === likeliest(led.logits, vocabularyEnd) ? 1 : 0;
        difference += squaredDifference(leading.logits, led.logits);
        spread += squaredSpread(leading.logits);
        done++;
        if (token === end) {
          break;
        }
        await Promise.all([leading.add(token), led.add(token)]);
      }
      leading.dispose();
      led.dispose();
      if (done === steps) {
        return { sameToken: same / steps, logitError: Math.sqrt(difference / spread) };
      }
    }
  }
  throw new Error(`The pictures give only ${done} of ${steps} steps.`);
}

function squaredDifference(exact: Float32Array, other: Float32Array): number {
  return exact.reduce((sum, value, index) => sum + (value - other[index]) ** 2, 0);
}

function squaredSpread(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}
