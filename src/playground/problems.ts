import { UserError } from '../errors.js';
import { WorkerAwayError, WorkerDiedError } from '../inference/worker/worker-inference.js';
import type { Problem, ProblemCode } from './interface.js';

/** A request that is refused. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, problem: Problem, headers: Readonly<Record<string, string>> = {}) {
    super(problem.message);
    this.status = status;
    this.problem = problem;
    this.headers = headers;
  }
}

/** Why a task was ended before its answer. */
export class TaskEnded extends Error {
  override readonly name = 'TaskEnded';
  readonly why: 'cancelled' | 'restarting';

  constructor(why: TaskEnded['why']) {
    super(`The task was ended: ${why}.`);
    this.why = why;
  }
}

/** @param seconds until the next request may come */
export function tooFast(seconds: number): Refusal {
  return new Refusal(
    429,
    { code: 'tooFast', message: `Too many requests: wait ${seconds} s.`, values: { seconds } },
    { 'retry-after': String(seconds) },
  );
}

export const RESTARTING: Problem = { code: 'restarting', message: 'Glimpse is being stopped.' };

const WAIT_AND_TRY_AGAIN: readonly ProblemCode[] = ['queueFull', 'tooManyOfYours', 'waitTooLong'];

/** What may be told of an error: a fault itself stays in the log. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Refusal) {
    return error.problem;
  }
  if (error instanceof UserError) {
    const { message, mistake } = error;
    return mistake === undefined ? { code: 'badRequest', message } : { ...mistake, message };
  }
  if (error instanceof WorkerDiedError) {
    return { code: 'modelDown', message: 'The model stopped twice on this picture.' };
  }
  if (error instanceof WorkerAwayError) {
    return { code: 'modelAway', message: 'The model is not running right now; it is being started again.' };
  }
  return { code: 'fault', message: 'This is a fault of Glimpse; its log tells more.' };
}

/** The answer to a request that an error ended. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) {
    return error;
  }
  const problem = problemOf(error);
  if (!(error instanceof UserError)) {
    return new Refusal(500, problem);
  }
  return WAIT_AND_TRY_AGAIN.includes(problem.code)
    ? new Refusal(429, problem, { 'retry-after': '10' })
    : new Refusal(400, problem);
}
