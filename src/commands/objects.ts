import { splitObjects } from '../task.js';
import { UserError } from '../errors.js';
import { refuseLongObjects } from '../task-limits.js';

/** UTF-16 code units of a whole list of objects; a field of Discord's forms takes no more. */
export const LONGEST_OBJECTS = 4000;

/**
 * The objects of a list that a member typed.
 *
 * @throws {UserError} there is none, there are too many, or one is too long
 */
export function objectsFrom(typed: string): string[] {
  const objects = splitObjects(typed);
  if (objects.length === 0) {
    throw new UserError('Name at least one object to look for.', { mistake: { code: 'objectsMissing' } });
  }
  refuseLongObjects(objects);
  return objects;
}
