import { Command } from 'commander';
import { answerCommands } from './answer-commands.js';
import { doctorCommand } from './doctor-command.js';
import { modelCommand } from './model/model-command.js';
import { registerCommand } from './register-command.js';
import { samplesCommand } from './samples-command.js';
import { startCommand } from './start-command.js';

/** The `glimpse` command with all of its own. */
export function makeProgram(): Command {
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
  return program;
}

/** Without this, commander ends the process itself, with status 1 for a mistake of the user. */
function exitByThrowing(command: Command): void {
  command.exitOverride();
  command.commands.forEach(exitByThrowing);
}
