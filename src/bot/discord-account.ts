import { ApplicationIntegrationType, REST, Routes, type APIApplication, type APIUser } from 'discord.js';
import type { DiscordConfig } from '../config.js';
import { UserError } from '../errors.js';
import { explainDiscordError } from './discord-errors.js';
import { accountLink, inviteLink } from './invite-link.js';
import { areCommandsRegistered, registerCommands, removeCommands, type Registry } from './registration.js';

/** What Discord says of the bot that a token belongs to. */
export interface DiscordAccount {
  readonly name: string;
  readonly applicationId: string;
  readonly inviteLink: string;
  /** Undefined where nobody can: the application does not offer it, or one server alone has the commands. */
  readonly accountLink: string | undefined;
  readonly commandsRegistered: boolean;
}

/**
 * Asks Discord about the bot, without connecting to its gateway.
 *
 * @throws {UserError} there is no token, Discord does not accept it, can't be reached, or does not know the server
 */
export async function inspectAccount(discord: DiscordConfig): Promise<DiscordAccount> {
  return withDiscord(discord, async (registry, { integration_types_config: installs }) => {
    const { applicationId, server } = registry;
    const user = (await registry.rest.get(Routes.user())) as APIUser;
    const forPeople = installs?.[ApplicationIntegrationType.UserInstall] !== undefined;
    return {
      name: user.username,
      applicationId,
      inviteLink: inviteLink(applicationId, server),
      accountLink: forPeople && server === undefined ? accountLink(applicationId) : undefined,
      commandsRegistered: await areCommandsRegistered(registry),
    };
  });
}

/**
 * Registers the commands, without connecting to the gateway.
 *
 * @throws {UserError} as `inspectAccount`
 */
export async function registerWithDiscord(discord: DiscordConfig): Promise<'registered' | 'unchanged'> {
  return withDiscord(discord, registerCommands);
}

/**
 * Takes the commands away, without connecting to the gateway.
 *
 * @throws {UserError} as `inspectAccount`
 */
export async function unregisterFromDiscord(discord: DiscordConfig): Promise<void> {
  await withDiscord(discord, removeCommands);
}

async function withDiscord<Result>(
  discord: DiscordConfig,
  work: (registry: Registry, application: APIApplication) => Promise<Result>,
): Promise<Result> {
  const { apiUrl, token, server } = discord;
  if (token === undefined) {
    throw new UserError('DISCORD_TOKEN is not set: put the token of your bot into the file .env.');
  }
  const rest = new REST({ api: apiUrl, version: '10', retries: 1 }).setToken(token);
  try {
    const application = (await rest.get(Routes.currentApplication())) as APIApplication;
    return await work({ rest, applicationId: application.id, server }, application);
  } catch (error) {
    throw explainDiscordError(error, discord);
  }
}
