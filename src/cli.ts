#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { answerCommands } from './cli/answer-commands.js';
import { doctorCommand } from './cli/doctor-command.js';
import { modelCommand } from './cli/model/model-command.js';
import { registerCommand } from './cli/register-command.js';
import { samplesCommand } from './cli/samples-command.js';
import { startCommand } from './cli/start-command.js';
import { UserError } from './errors.js';

/** Exit statuses: 0 for an answer, 1 for a fault of ours, 2 for a mistake in what was asked. */
const FAULT = 1;
const MISTAKE = 2;

const program = new Command('glimpse')
  .description('A Discord bot that looks at pictures with PaliGemma 2, on your own machine.')
  .showHelpAfterError('(glimpse --help tells more)')
  .configureHelp({ showGlobalOptions: true });
const commands = [
  startCommand(),
  registerCommand(),
  doctorCommand(),
  ...answerCommands(),
  modelCommand(),
  samplesCommand(),
];
for (const command of commands) {
  program.addCommand(command);
}
exitByThrowing(program);

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever reads only the beginning, as `head` does, has what they wanted.
  const isGone = error.code === 'EPIPE';
  process.exit(isGone ? 0 : report(unwritable(error)));
});
// What can't be said there can't be said anywhere.
process.stderr.on('error', () => undefined);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Without this, commander ends the process itself, with status 1 for a mistake of the user. */
function exitByThrowing(command: Command): void {
  command.exitOverride();
  command.commands.forEach(exitByThrowing);
}

function unwritable(error: NodeJS.ErrnoException): Error {
  return error.code === 'ENOSPC'
    ? new UserError('The answer could not be written: the disk is full.', { cause: error })
    : error;
}

/** Tells what went wrong and returns the exit status for it. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has printed its message, or the help that was asked for, already.
    return error.exitCode === 0 ? 0 : MISTAKE;
  }
  if (error instanceof UserError) {
    process.stderr.write(`${error.message}\n`);
    return MISTAKE;
  }
  process.stderr.write('This is a fault of Glimpse, not yours:\n');
  console.error(error);
  return FAULT;
}
