import { KIND, type Interaction } from '../interaction.js';
import type { Json } from '../json.js';
import { FLAGS, type Message } from '../message.js';
import type { WriteOptions } from '../message-writer.js';
import { PERMISSION } from '../permissions.js';
import type { ApiRequest, Backend } from './route.js';

const MESSAGE_TYPE = { normal: 0, reply: 19, slash: 20, menu: 23 } as const;

/** How messages in answer to an interaction are limited. */
export function writeOptions(
  { options: { channel }, appPermissions, attachmentSizeLimit }: Interaction,
  { body, name }: ApiRequest,
  { maxUploadBytes }: Backend,
): WriteOptions {
  return {
    json: body.json,
    files: body.files,
    maxBytes: channel.server?.attachmentSizeLimit ?? maxUploadBytes,
    toldMaxBytes: attachmentSizeLimit ?? maxUploadBytes,
    blockedWords: channel.server?.blockedWords ?? [],
    mayAttach: (channel.appPermissions & PERMISSION.attachFiles) !== 0n,
    wasToldToAttach: (appPermissions & PERMISSION.attachFiles) !== 0n,
    request: name,
  };
}

/** A message of the bot in answer to an interaction; it says nothing yet. */
export function newResponse(
  interaction: Interaction,
  { world, application }: Backend,
  { flags, follows }: { flags: number; follows?: Message | undefined },
): Message {
  const { channel, member, owners } = interaction.options;
  return world.addMessage({
    channel,
    author: application,
    type: follows === undefined ? typeOf(interaction) : MESSAGE_TYPE.reply,
    onlyFor: (flags & FLAGS.ephemeral) === 0 ? undefined : member,
    owners,
    interactionMetadata: metadataOf(interaction, follows),
  });
}

function metadataOf({ id, options }: Interaction, follows: Message | undefined): Json {
  const { kind, member, owners, source, trigger } = options;
  return {
    id,
    type: kind,
    user: member.toUserJson(),
    authorizing_integration_owners: owners,
    ...(follows === undefined ? {} : { original_response_message_id: follows.id }),
    ...(trigger === undefined ? {} : { triggering_interaction_metadata: metadataOf(trigger, undefined) }),
    ...(kind === KIND.component && source !== undefined ? { interacted_message_id: source.id } : {}),
    ...(kind === KIND.command
      ? { name: options.name.replace(/^\//, ''), command_type: commandTypeOf(options) }
      : {}),
  };
}

function typeOf({ options }: Interaction): number {
  if (options.kind !== KIND.command) {
    return options.source === undefined ? MESSAGE_TYPE.normal : MESSAGE_TYPE.reply;
  }
  return commandTypeOf(options) === 1 ? MESSAGE_TYPE.slash : MESSAGE_TYPE.menu;
}

function commandTypeOf({ data }: Interaction['options']): unknown {
  return data.type;
}
