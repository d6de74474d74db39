import { splitObjects } from '../task.js';
import { UserError } from '../errors.js';

/** UTF-16 code units of a whole list of objects. */
export const LONGEST_OBJECTS = 1000;

/**
 * The objects of a list that a member typed.
 *
 * @throws {UserError} there is none
 */
export function objectsFrom(typed: string): string[] {
  const objects = splitObjects(typed);
  if (objects.length === 0) {
    throw new UserError('Name at least one object to look for.', { mistake: { code: 'objectsMissing' } });
  }
  return objects;
}
