import type { Config } from '../config.js';
import { choose, type Choice } from '../inference/machine/choice.js';
import { inspectMachine } from '../inference/machine/machine.js';
import { footprintsOf } from '../inference/paligemma/footprint.js';

/**
 * How the model that the settings name is to be run on this machine.
 *
 * @throws {UserError} the folder is no checkpoint that Glimpse runs, lacks the dtype, or needs more memory than is free
 */
export async function chooseModel({ model, provider, dtype, threads }: Config): Promise<Choice> {
  const footprints = await footprintsOf(model);
  return choose(await inspectMachine(), footprints, { provider, dtype, threads });
}

/**
 * Loads a model as it was chosen, or where that fails and nobody has asked for it, in the way that surely works.
 *
 * @param onFallback is told why, in a sentence
 * @throws what `load` throws
 */
export async function loadChosen<Loaded>(
  choice: Choice,
  load: (choice: Choice) => Promise<Loaded>,
  onFallback: (why: string, fallback: Choice) => void = () => undefined,
): Promise<Loaded> {
  const { fallback } = choice;
  if (fallback === undefined) {
    return load(choice);
  }
  try {
    return await load(choice);
  } catch (error) {
    onFallback(error instanceof Error ? error.message : String(error), fallback);
    return load(fallback);
  }
}

/** Tells the owner at the terminal how the model is run, and why so. */
export function tellChoice({ reasons }: Choice): void {
  process.stderr.write(`${reasons.join('\n')}\n`);
}
