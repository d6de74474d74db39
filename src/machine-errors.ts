import { explainFileError } from './file-errors.js';
import { explainNativeError } from './native-parts.js';

/** An error of the machine, of its files or of what is installed on it, as a sentence for its owner; others as they are. */
export function explainMachineError(error: unknown): unknown {
  return explainFileError(explainNativeError(error));
}
