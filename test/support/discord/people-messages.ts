import type { Attachment } from './attachment.js';
import type { Cdn } from './cdn.js';
import { COMPONENT, flattened } from './components.js';
import { INTENTS, type Gateway } from './gateway.js';
import { objectsIn, type Json } from './json.js';
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

const MOST_COMPONENTS = 40;
const MOST_ITEMS = 10;
const IN_PREVIEW: readonly unknown[] = [
  ...[COMPONENT.container, COMPONENT.section, COMPONENT.text, COMPONENT.thumbnail, COMPONENT.gallery],
  ...[COMPONENT.separator, COMPONENT.row, COMPONENT.button],
];

/** @throws {Error} Discord makes no such preview of a link whose website lays it out in components */
function checkPreview(embed: object & { readonly components?: unknown }): void {
  if (embed.components === undefined) {
    return;
  }
  const all = flattened(embed.components);
  const items = all.flatMap((component) => objectsIn(component.items)).length;
  const top = objectsIn(embed.components);
  if (top.length !== 1 || top[0]?.type !== COMPONENT.container) {
    throw new Error('The preview of a link is one container.');
  }
  if (all.length > MOST_COMPONENTS || items > MOST_ITEMS) {
    throw new Error(
      `A preview has up to ${MOST_COMPONENTS} components and ${MOST_ITEMS} pictures in galleries.`,
    );
  }
  if (all.some(({ type, custom_id }) => !IN_PREVIEW.includes(type) || custom_id !== undefined)) {
    throw new Error('A preview only shows: it has no files, menus or buttons of an app.');
  }
}

/** Posts a message, and tells bots of it that listen to messages. */
export function postAs(options: PostOptions, { world, cdn, gateway }: Places): Message {
  const { channel, author, forwarded } = options;
  [options, forwarded].forEach((shown) => {
    shown?.embeds?.forEach(checkPreview);
  });
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
