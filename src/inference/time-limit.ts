import { UserError } from '../errors.js';
import type { Answer } from '../task.js';

/** @param limitMs what the job was given. Milliseconds */
export function tookTooLong(limitMs: number): UserError {
  const seconds = Math.max(1, Math.ceil(limitMs / 1000));
  return new UserError(`The job took longer than ${seconds} s and was ended.`, {
    mistake: { code: 'timeLimit', values: { seconds } },
  });
}

/** Whether an answer was cut off before it said anything. */
export function isEmptyHanded({ finish, text, detections }: Answer): boolean {
  return finish === 'cut off' && text === '' && detections.length === 0;
}
