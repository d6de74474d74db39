import { Command } from 'commander';
import { readConfig } from '../config.js';

/** `glimpse start`: the bot, or without a token the playground. */
export function startCommand(): Command {
  return new Command('start')
    .description('run the Discord bot; without DISCORD_TOKEN, open the playground in your browser')
    .action(async () => {
      const config = readConfig();
      // Loaded here: no other command needs servers.
      const { run } = await import('./run.js');
      await run(config);
    });
}
