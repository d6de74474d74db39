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
    const how = signal === null ? `with exit code ${exitCode ?? 'unknown'}` : `by ${signal}`;
    super(`The process that runs the model ended ${how}.`, options);
    this.exitCode = exitCode;
    this.signal = signal;
  }
}
