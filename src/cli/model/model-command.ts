import { Command } from 'commander';
import { convertCommand } from './convert-command.js';
import { infoCommand } from './info-command.js';
import { listCommand } from './list-command.js';
import { pullCommand } from './pull-command.js';
import { removeCommand } from './remove-command.js';

/** `glimpse model`: what is done to checkpoints. */
export function modelCommand(): Command {
  const command = new Command('model').description('pull, list, inspect, remove and convert models');
  for (const subcommand of [pullCommand(), listCommand(), infoCommand(), removeCommand(), convertCommand()]) {
    command.addCommand(subcommand);
  }
  return command;
}
