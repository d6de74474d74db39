import type { Attachment } from './attachment.js';
import type { Cdn } from './cdn.js';
import { INTENTS, type Gateway } from './gateway.js';
import type { Json } from './json.js';
import type { Member } from './member.js';
import type { Message } from './message.js';
import type { Channel } from './places.js';
import { snowflake } from './snowflake.js';
import type { World } from './world.js';

/** By Discord's numbers of sticker formats: PNG, APNG, Lottie, GIF. */
const STICKER_ENDINGS: Readonly<Record<number, string>> = { 1: 'png', 2: 'png', 3: 'json', 4: 'gif' };

/** What a person's message shows. */
export interface Shown {
  readonly content?: string;
  readonly attachments?: readonly Attachment[];
  readonly embeds?: readonly object[];
  readonly components?: readonly object[];
  readonly stickers?: readonly { name: string; formatType: number; bytes: Uint8Array }[];
  readonly flags?: number;
}

export interface PostOptions extends Shown {
  readonly channel: Channel;
  readonly author: Member;
  /** The message that this one forwards. */
  readonly forwarded?: Shown;
  /** Who asked for it, where it is an answer of the bot. */
  readonly askedBy?: Member;
}

interface Places {
  readonly world: World;
  readonly cdn: Cdn;
  readonly gateway: Gateway;
}

/** Posts a message, and tells bots of it that listen to messages. */
export function postAs(options: PostOptions, { world, cdn, gateway }: Places): Message {
  const { channel, author, forwarded } = options;
  const message = world.addMessage({
    channel,
    author,
    interactionMetadata: options.askedBy === undefined ? undefined : metadataFor(options.askedBy),
    stickers: stickersOf(options, cdn),
    snapshot: forwarded === undefined ? undefined : snapshotOf(forwarded, cdn),
  });
  message.show({
    content: options.content ?? '',
    flags: options.flags ?? 0,
    attachments: options.attachments ?? [],
    embeds: (options.embeds ?? []) as readonly Json[],
    components: (options.components ?? []) as readonly Json[],
    pinged: [],
  });
  if (channel.isVisible) {
    const hidden = author.isApplication ? {} : { content: '', attachments: [], embeds: [], components: [] };
    const isServer = channel.server !== undefined;
    gateway.dispatch(
      'MESSAGE_CREATE',
      { ...message.toJson(), ...(isServer ? { guild_id: channel.server.id, ...hidden } : {}) },
      isServer ? INTENTS.guildMessages : INTENTS.directMessages,
    );
  }
  return message;
}

function metadataFor(member: Member): Json {
  const id = snowflake();
  return { id, type: 2, user: member.toUserJson(), authorizing_integration_owners: { '1': member.id } };
}

function stickersOf({ stickers = [] }: Shown, cdn: Cdn): { id: string; name: string; format_type: number }[] {
  return stickers.map(({ name, formatType, bytes }) => ({
    id: cdn.storeSticker(bytes, STICKER_ENDINGS[formatType] ?? 'png'),
    name,
    format_type: formatType,
  }));
}

function snapshotOf(shown: Shown, cdn: Cdn): Json {
  return {
    type: 0,
    content: shown.content ?? '',
    attachments: (shown.attachments ?? []).map((attachment) => attachment.toJson()),
    embeds: shown.embeds ?? [],
    components: shown.components ?? [],
    sticker_items: stickersOf(shown, cdn),
    timestamp: new Date().toISOString(),
    edited_timestamp: null,
    flags: shown.flags ?? 0,
    mentions: [],
    mention_roles: [],
  };
}
