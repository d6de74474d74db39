/** How a process ended: by itself with a code, or by a signal; both null where it could not be started at all. */
export interface WorkerExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The process that runs the model ended before it had answered. */
export class WorkerDiedError extends Error implements WorkerExit {
  override readonly name = 'WorkerDiedError';
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;

  constructor({ exitCode, signal }: WorkerExit, options?: ErrorOptions) {
    super(`The process that runs the model ended ${howEnded({ exitCode, signal })}.`, options);
    this.exitCode = exitCode;
    this.signal = signal;
  }
}

/** The process that runs the model has ended and did not come back while a job waited for it. */
export class WorkerAwayError extends Error implements WorkerExit {
  override readonly name = 'WorkerAwayError';
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;

  /** @param exit of the last process that ended */
  constructor({ exitCode, signal }: WorkerExit) {
    super(`The process that runs the model did not come back; it ended ${howEnded({ exitCode, signal })}.`);
    this.exitCode = exitCode;
    this.signal = signal;
  }
}

function howEnded({ exitCode, signal }: WorkerExit): string {
  return signal === null ? `with exit code ${exitCode ?? 'unknown'}` : `by ${signal}`;
}
