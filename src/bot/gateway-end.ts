import { GatewayCloseCodes } from 'discord.js';
import { PassingError, UserError } from '../errors.js';

/**
 * Why Discord has ended a connection for good, in a sentence for the owner.
 *
 * @param code of the close frame: one of those after which a client may not come back as it was
 */
export function gatewayEnd(code: number): UserError {
  switch (GatewayCloseCodes[code]) {
    case 'AuthenticationFailed':
      return new UserError(
        'Discord does not accept DISCORD_TOKEN, or no longer. Copy the token again from the page Bot of your application.',
      );
    case 'InvalidShard':
    case 'ShardingRequired':
      return new PassingError(
        `Discord wants the connection of this bot to be divided anew (${code}), since it is in so many servers. The next start does so.`,
      );
    case 'InvalidAPIVersion':
    case 'InvalidIntents':
      return new UserError(
        `Discord no longer takes the connections that this version of Glimpse makes (${code}). Install a newer one.`,
      );
    case 'DisallowedIntents':
      return new UserError(
        `Discord does not let this bot hear of its servers (${code}). Look at the page Bot of your application.`,
      );
    default:
      return new PassingError(`Discord has ended the connection (${code}). The next start makes a new one.`);
  }
}
