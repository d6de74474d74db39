import { UserError } from '../errors.js';

/** @param count jobs of the requester that wait or run */
export function tooManyOfYours(count: number): UserError {
  return new UserError(`You have ${count} pictures waiting already.`, {
    mistake: { code: 'tooManyOfYours', values: { count } },
  });
}

/** @param count jobs that wait */
export function queueFull(count: number): UserError {
  return new UserError(`${count} pictures are waiting already. Try again in a few minutes.`, {
    mistake: { code: 'queueFull', values: { count } },
  });
}

/** @param wait in milliseconds; it is told in minutes, rounded up */
export function waitTooLong(wait: number): UserError {
  const minutes = Math.ceil(wait / 60_000);
  return new UserError(`The turn of this picture would come after ${minutes} min, which is too late.`, {
    mistake: { code: 'waitTooLong', values: { minutes } },
  });
}
