import type { WriteOptions } from '../message-writer.js';
import type { Message } from '../message.js';
import { PERMISSION } from '../permissions.js';
import type { Channel } from '../places.js';
import { CODES, missingAccess, missingPermissions, Refusal, unknownMessage } from '../refusal.js';
import { NOTHING, pattern, type ApiRequest, type Backend, type Route } from './route.js';

function channelOf({ params }: ApiRequest, { world }: Backend): Channel {
  const channel = world.channel(params.channel ?? '');
  if (channel === undefined) {
    throw new Refusal(404, CODES.unknownChannel, 'Unknown Channel');
  }
  if (!channel.isVisible) {
    throw missingAccess('the bot can not see the channel by its own right');
  }
  return channel;
}

/** In direct messages there are no permissions to be had. */
function may(channel: Channel, permission: bigint): boolean {
  return channel.server === undefined || (channel.appPermissions & permission) !== 0n;
}

function requirePermission(channel: Channel, permission: bigint, name: string): void {
  if (!may(channel, permission)) {
    throw missingPermissions(name);
  }
}

/** @throws {Refusal} there is no such message that the channel's routes could reach */
function messageOf(request: ApiRequest, backend: Backend): Message {
  const channel = channelOf(request, backend);
  const message = backend.world.message(request.params.message ?? '');
  if (message?.channel !== channel) {
    throw unknownMessage({ violation: true });
  }
  if (message.ephemeral) {
    throw new Refusal(404, CODES.unknownMessage, 'Unknown Message', {
      detail: 'an ephemeral message is reached through its interaction alone',
    });
  }
  if (message.deleted) {
    throw unknownMessage({ violation: false });
  }
  return message;
}

function writeOptions(
  channel: Channel,
  { body, name }: ApiRequest,
  { maxUploadBytes }: Backend,
): WriteOptions {
  return {
    json: body.json,
    files: body.files,
    maxBytes: channel.server?.attachmentSizeLimit ?? maxUploadBytes,
    blockedWords: channel.server?.blockedWords ?? [],
    mayAttach: may(channel, PERMISSION.attachFiles),
    request: name,
  };
}

const post: Route['answer'] = (request, backend) => {
  const channel = channelOf(request, backend);
  if (channel.isThread) {
    requirePermission(channel, PERMISSION.sendMessagesInThreads, 'SEND_MESSAGES_IN_THREADS');
  } else {
    requirePermission(channel, PERMISSION.sendMessages, 'SEND_MESSAGES');
  }
  const { world, application, writer } = backend;
  const message = writer.post(writeOptions(channel, request, backend), () =>
    world.addMessage({ channel, author: application }),
  );
  return { status: 200, body: message.toJson() };
};

const read: Route['answer'] = (request, backend) => {
  requirePermission(channelOf(request, backend), PERMISSION.readMessageHistory, 'READ_MESSAGE_HISTORY');
  return { status: 200, body: messageOf(request, backend).toJson() };
};

const edit: Route['answer'] = (request, backend) => {
  const message = messageOf(request, backend);
  if (message.author !== backend.application) {
    throw new Refusal(403, CODES.notTheAuthor, 'Cannot edit a message authored by another user');
  }
  backend.writer.edit(message, writeOptions(message.channel, request, backend));
  return { status: 200, body: message.toJson() };
};

const remove: Route['answer'] = (request, backend) => {
  const message = messageOf(request, backend);
  if (message.author !== backend.application) {
    requirePermission(message.channel, PERMISSION.manageMessages, 'MANAGE_MESSAGES');
  }
  message.remove();
  return NOTHING;
};

const MESSAGES = '/channels/:channel/messages';

/** What a bot does in a channel by its own right. */
export const channelRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: pattern('/channels/:channel'),
    answer: (request, backend) => ({ status: 200, body: channelOf(request, backend).toJson() }),
  },
  { method: 'POST', pattern: pattern(MESSAGES), answer: post },
  {
    method: 'GET',
    pattern: pattern(`${MESSAGES}/:message`),
    answer: read,
  },
  { method: 'PATCH', pattern: pattern(`${MESSAGES}/:message`), answer: edit },
  { method: 'DELETE', pattern: pattern(`${MESSAGES}/:message`), answer: remove },
];
