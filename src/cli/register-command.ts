import { Command } from 'commander';
import { DISCORD_ID, readConfig } from '../config.js';
import { UserError } from '../errors.js';

/** `glimpse register`: tell Discord of the commands. */
export function registerCommand(): Command {
  return new Command('register')
    .description(
      'tell Discord of the commands, where they have changed; the bot does so itself when it starts',
    )
    .option(
      '--server <id>',
      'the one server that gets them (default: the setting DISCORD_SERVER, or all servers)',
    )
    .option('--remove', 'take the commands away instead')
    .action(async ({ server, remove }: { server?: string; remove?: boolean }) => {
      const { registerWithDiscord, unregisterFromDiscord } = await import('../bot/discord-account.js');
      const { discord } = readConfig();
      const where = server ?? discord.server;
      if (where !== undefined && !DISCORD_ID.test(where)) {
        throw new UserError(`${where} is not the id of a server.`);
      }
      const place = where === undefined ? 'in all servers' : `in the server ${where}`;
      const there = { ...discord, server: where };
      if (remove === true) {
        await unregisterFromDiscord(there);
        process.stdout.write(`The commands ${place} are removed.\n`);
        return;
      }
      const result = await registerWithDiscord(there);
      process.stdout.write(
        result === 'registered'
          ? `The commands are registered ${place}.\n`
          : `The commands ${place} are up to date.\n`,
      );
    });
}
