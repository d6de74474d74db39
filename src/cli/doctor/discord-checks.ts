import { inspectAccount, type DiscordAccount } from '../../bot/discord-account.js';
import type { DiscordConfig } from '../../config.js';
import type { Check } from './finding.js';

/** Whether Discord accepts the token, and knows the commands. */
export function discordChecks(discord: DiscordConfig): Check[] {
  if (discord.token === undefined) {
    const says = 'DISCORD_TOKEN is not set, so there is no bot.';
    const mend =
      'Make an application on the page "Applications" of Discord\'s developer portal, and put its token into .env.';
    return [{ name: 'Discord', look: () => Promise.resolve({ verdict: 'note', says, mend }) }];
  }
  let account: Promise<DiscordAccount> | undefined;
  const inspect = (): Promise<DiscordAccount> => (account ??= inspectAccount(discord));
  return [
    {
      name: 'Discord',
      look: async () => {
        const { name, inviteLink, accountLink } = await inspect();
        const account = accountLink === undefined ? '' : ` To add it to your own account: ${accountLink}`;
        return { verdict: 'ok', says: `The token is that of ${name}. To invite it: ${inviteLink}${account}` };
      },
    },
    {
      name: 'Commands',
      look: async () => {
        const { commandsRegistered } = await inspect();
        return commandsRegistered
          ? { verdict: 'ok', says: 'They are registered as they are.' }
          : {
              verdict: 'note',
              says: 'Discord does not know them as they are now.',
              mend: 'Start the bot, or run: npx glimpse register',
            };
      },
    },
  ];
}
