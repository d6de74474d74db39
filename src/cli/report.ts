import { CommanderError } from 'commander';
import { PassingError, UserError } from '../errors.js';
import { explainWriteError } from '../file-errors.js';
import { explainMachineError } from '../machine-errors.js';

/** Exit statuses: 0 for an answer, 1 for a fault of ours or one that passes, 2 for a mistake in what was asked. */
const FAULT = 1;
const MISTAKE = 2;

/** Tells what went wrong and returns the exit status for it. */
export function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has printed its message, or the help that was asked for, already.
    return error.exitCode === 0 ? 0 : MISTAKE;
  }
  const told = explainMachineError(error);
  if (told instanceof UserError) {
    process.stderr.write(`${told.message}\n`);
    return told instanceof PassingError ? FAULT : MISTAKE;
  }
  process.stderr.write('This is a fault of Glimpse, not yours:\n');
  console.error(told);
  return FAULT;
}

/** Ends the process in order where what it prints can't be written. */
export function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever reads only the beginning, as `head` does, has what they wanted.
    const isGone = error.code === 'EPIPE';
    process.exit(isGone ? 0 : report(explainWriteError(error, 'The answer')));
  });
  // What can't be said there can't be said anywhere.
  process.stderr.on('error', () => undefined);
}
