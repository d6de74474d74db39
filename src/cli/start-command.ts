import { Command } from 'commander';
import { readConfig } from '../config.js';
import { showSamples } from './samples-command.js';

/** `glimpse start`: the bot, or without a token what there is to see without one. */
export function startCommand(): Command {
  return new Command('start')
    .description('run the Discord bot; without DISCORD_TOKEN, try all tasks on the sample pictures')
    .action(async () => {
      const config = readConfig();
      const { token } = config.discord;
      if (token === undefined) {
        await showSamples(config, 'answers');
        process.stderr.write(
          '\nTo connect Glimpse to Discord, put DISCORD_TOKEN into the file .env; README.md tells where to get it.\n',
        );
      } else {
        // Loaded here: no other command needs a client of Discord.
        const { runBot } = await import('./run-bot.js');
        await runBot(config, token);
      }
    });
}
