import {
  ApplicationIntegrationType,
  OAuth2Scopes,
  PermissionFlagsBits,
  PermissionsBitField,
} from 'discord.js';

/**
 * The address with which an owner adds the bot to a server.
 *
 * @param applicationId Discord's id of the bot's application
 * @param server the one that is offered; undefined: whoever opens the address chooses
 */
export function inviteLink(applicationId: string, server: string | undefined): string {
  return authorizeLink(applicationId, ApplicationIntegrationType.GuildInstall, {
    scope: [OAuth2Scopes.Bot, OAuth2Scopes.ApplicationsCommands].join(' '),
    permissions: new PermissionsBitField([
      PermissionFlagsBits.ViewChannel,
      PermissionFlagsBits.SendMessages,
      PermissionFlagsBits.AttachFiles,
    ]).bitfield.toString(),
    ...(server === undefined ? {} : { guild_id: server }),
  });
}

/** The address with which a person adds the commands to their account, and has them wherever they write. */
export function accountLink(applicationId: string): string {
  return authorizeLink(applicationId, ApplicationIntegrationType.UserInstall, {
    scope: OAuth2Scopes.ApplicationsCommands,
  });
}

function authorizeLink(
  applicationId: string,
  type: ApplicationIntegrationType,
  more: Readonly<Record<string, string>>,
): string {
  const query = new URLSearchParams({ client_id: applicationId, integration_type: String(type), ...more });
  return `https://discord.com/oauth2/authorize?${query.toString()}`;
}
