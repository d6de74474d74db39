import {
  DiscordAPIError,
  DiscordjsError,
  DiscordjsErrorCodes,
  HTTPError,
  RateLimitError,
  RESTJSONErrorCodes,
} from 'discord.js';
import type { DiscordConfig } from '../config.js';
import { PassingError, UserError } from '../errors.js';

/** Discord's codes for a message, an interaction or a token that is no longer there to be answered. */
const GONE: ReadonlySet<unknown> = new Set([
  RESTJSONErrorCodes.UnknownMessage,
  RESTJSONErrorCodes.UnknownWebhook,
  RESTJSONErrorCodes.UnknownInteraction,
  RESTJSONErrorCodes.UnknownChannel,
  RESTJSONErrorCodes.InvalidWebhookToken,
]);

/** Discord's codes for a message of which something decided by itself that it may not be posted. */
const BLOCKED: ReadonlySet<unknown> = new Set([
  RESTJSONErrorCodes.MessageWasBlockedByAutomaticModeration,
  RESTJSONErrorCodes.TitleWasBlockedByAutomaticModeration,
  RESTJSONErrorCodes.MessageBlockedByHarmfulLinksFilter,
]);

/** What the system says of a host that can't be reached. */
const UNREACHABLE: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Discord's codes for a server that the bot is not in, or whose commands it was not invited to make. */
const NOT_IN_SERVER: ReadonlySet<unknown> = new Set([
  RESTJSONErrorCodes.UnknownGuild,
  RESTJSONErrorCodes.MissingAccess,
]);

/** How @discordjs/ws says that Discord's limit of connections is reached. */
const NO_SESSIONS = /^Not enough sessions remaining .*resets at (\S+)$/;

/** Whether there is nothing left to answer: trying again would only count against the bot. */
export function isGone(error: unknown): boolean {
  return error instanceof DiscordAPIError && GONE.has(error.code);
}

/** Whether somebody has deleted the message, while the interaction can still be answered by another. */
export function isMessageGone(error: unknown): boolean {
  return error instanceof DiscordAPIError && error.code === RESTJSONErrorCodes.UnknownMessage;
}

/** Whether the interaction has its first response: from an earlier try of ours, or from another process. */
export function isAcknowledgedAlready(error: unknown): boolean {
  return (
    error instanceof DiscordAPIError &&
    error.code === RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged
  );
}

/** Whether Discord will not take this as it is, now or later. */
export function isRefused(error: unknown): boolean {
  return error instanceof DiscordAPIError && !isGone(error);
}

/** Whether a server's automatic moderation, or Discord's own, has refused the words of a message. */
export function isBlocked(error: unknown): boolean {
  return error instanceof DiscordAPIError && BLOCKED.has(error.code);
}

/** Whether a file was more than Discord takes there; what stands before Discord says so without a code. */
export function isTooLarge(error: unknown): boolean {
  return (
    error instanceof DiscordAPIError &&
    (error.status === 413 || error.code === RESTJSONErrorCodes.RequestEntityTooLarge)
  );
}

/** Whether the bot may not do this there, or not with files. */
export function isForbidden(error: unknown): boolean {
  return error instanceof DiscordAPIError && error.status === 403;
}

/** Whether the same request may succeed later: Discord fails, limits, or can't be reached. */
export function isPassing(error: unknown): boolean {
  if (error instanceof HTTPError || error instanceof RateLimitError) {
    return true;
  }
  if (!(error instanceof Error)) {
    return false;
  }
  const code = 'code' in error ? String(error.code) : '';
  return error.name === 'AbortError' || UNREACHABLE.has(code) || code.startsWith('UND_ERR_');
}

/** How long Discord wants no such request. Milliseconds; 0 where it does not say. */
export function retryAfterOf(error: unknown): number {
  return error instanceof RateLimitError ? error.retryAfter : 0;
}

/** An error of the first requests to Discord; a UserError where the owner can mend it. */
export function explainDiscordError(error: unknown, { apiUrl, server }: DiscordConfig): unknown {
  const status = error instanceof DiscordAPIError ? error.status : undefined;
  if (
    status === 401 ||
    (error instanceof DiscordjsError && error.code === DiscordjsErrorCodes.TokenInvalid)
  ) {
    return new UserError(
      'Discord does not accept DISCORD_TOKEN. Copy the token again from the page Bot of your application.',
      { cause: error },
    );
  }
  if (server !== undefined && error instanceof DiscordAPIError && NOT_IN_SERVER.has(error.code)) {
    return new UserError(
      `The bot is no member of the server ${server}, which was to get the commands. Invite it first.`,
      { cause: error },
    );
  }
  const { origin } = new URL(apiUrl);
  // What Discord itself refuses, it gives a number.
  if (error instanceof DiscordAPIError && !(Number(error.code) > 0)) {
    const why =
      status === 404 ? 'is no address of its API: see DISCORD_API_URL' : 'does not let this machine in';
    return new UserError(`Discord can't be asked: ${apiUrl} ${why} (status ${error.status}).`, {
      cause: error,
    });
  }
  if (error instanceof Error && 'code' in error && UNREACHABLE.has(error.code)) {
    const message = `Discord can't be reached at ${origin}: ${String(error.code)}.`;
    return new PassingError(message, { cause: error });
  }
  if (isPassing(error)) {
    const detail = error instanceof HTTPError ? `status ${error.status}` : 'no answer';
    return new PassingError(
      `Discord does not answer as it should at ${origin} (${detail}). Try again later.`,
      {
        cause: error,
      },
    );
  }
  const [, until = ''] = NO_SESSIONS.exec(error instanceof Error ? error.message : '') ?? [];
  if (until !== '') {
    return new PassingError(
      `This bot has connected to Discord so often today that it may not do so again until ${until}.`,
      { cause: error },
    );
  }
  return error;
}
