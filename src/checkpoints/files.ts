import { access } from 'node:fs/promises';
import { explainReadError, isMissing } from '../file-errors.js';

/** @throws {UserError} that can't be found out: the folder may not be searched, or the disk fails */
export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isMissing(error)) {
      return false;
    }
    throw explainReadError(error, path);
  }
}
