import type { Json } from './json.js';
import type { Member } from './member.js';
import { PERMISSION } from './permissions.js';
import { snowflake } from './snowflake.js';

/** Channel types of Discord. */
const TYPES = { text: 0, direct: 1, group: 3, thread: 11, privateThread: 12 } as const;
/** On a channel whose name and topic the bot may not know. */
const OBFUSCATED = 1 << 17;

/** What the bot may do in a channel unless a test says otherwise. */
const USUAL_PERMISSIONS =
  PERMISSION.viewChannel |
  PERMISSION.sendMessages |
  PERMISSION.sendMessagesInThreads |
  PERMISSION.embedLinks |
  PERMISSION.attachFiles |
  PERMISSION.readMessageHistory;
/** What Discord lets an app do where it is no member, and in direct messages. */
export const GUEST_PERMISSIONS = PERMISSION.embedLinks | PERMISSION.attachFiles | PERMISSION.mentionEveryone;

export interface ChannelOptions {
  readonly id?: string;
  readonly name?: string;
  readonly nsfw?: boolean;
  /** What the bot may do there. */
  readonly appPermissions?: bigint;
  /** The channel that the new one is a thread of. Unless said otherwise the bot may do there what it may do in that. */
  readonly parent?: Channel;
  /** A thread for those alone who were invited, of whom the bot is none. */
  readonly private?: boolean;
}

/** A channel of a server, a thread, or direct messages. */
export class Channel {
  readonly id: string;
  readonly name: string;
  readonly type: number;
  readonly server: Server | undefined;
  readonly parent: Channel | undefined;
  /** With whom, in direct messages. */
  readonly recipient: Member | undefined;
  readonly nsfw: boolean;
  /** An owner of the server may change them at any time. */
  appPermissions: bigint;

  private constructor(
    type: number,
    options: ChannelOptions & { server?: Server; recipient?: Member; permissions: bigint },
  ) {
    this.id = options.id ?? snowflake();
    this.type = type;
    this.name = options.name ?? 'general';
    this.server = options.server;
    this.parent = options.parent;
    this.recipient = options.recipient;
    this.nsfw = options.nsfw ?? false;
    this.appPermissions = options.appPermissions ?? options.parent?.appPermissions ?? options.permissions;
  }

  static ofServer(server: Server, options: ChannelOptions = {}): Channel {
    const permissions = server.botIsMember ? USUAL_PERMISSIONS : GUEST_PERMISSIONS;
    if (options.private === true && options.parent === undefined) {
      throw new Error('Only threads can be private like that.');
    }
    const threadType = options.private === true ? TYPES.privateThread : TYPES.thread;
    const type = options.parent === undefined ? TYPES.text : threadType;
    return new Channel(type, { ...options, server, permissions });
  }

  /** Direct messages with the bot. */
  static direct(recipient: Member): Channel {
    return new Channel(TYPES.direct, {
      name: '',
      recipient,
      permissions: GUEST_PERMISSIONS | PERMISSION.useExternalEmojis,
    });
  }

  /** Messages among people, where the bot is only as an app of one of them. */
  static group(recipient: Member): Channel {
    return new Channel(TYPES.group, { name: '', recipient, permissions: GUEST_PERMISSIONS });
  }

  /** Where an interaction comes from, as Discord's numbers tell it. */
  get context(): number {
    if (this.server !== undefined) {
      return 0;
    }
    return this.type === TYPES.direct ? 1 : 2;
  }

  get isThread(): boolean {
    return this.type === TYPES.thread || this.type === TYPES.privateThread;
  }

  /** Whether the bot may see what is in it. */
  get isVisible(): boolean {
    return (
      this.hasBot &&
      this.type !== TYPES.privateThread &&
      (this.server === undefined || (this.appPermissions & PERMISSION.viewChannel) !== 0n)
    );
  }

  /** Whether the gateway tells of it: of a hidden channel that it is there, and of hidden threads nothing. */
  get isAnnounced(): boolean {
    return this.isThread ? this.isVisible : this.hasBot;
  }

  /** Whether the bot can use the channel by its own right, and not by an interaction alone. */
  get hasBot(): boolean {
    return this.server?.botIsMember ?? this.type === TYPES.direct;
  }

  /** As the gateway tells of it, outside of interactions. */
  toGatewayJson(): Json {
    const { id, type, server, parent } = this;
    return this.isVisible || server === undefined
      ? this.toJson()
      : {
          id,
          type,
          name: '___hidden___',
          guild_id: server.id,
          parent_id: parent?.id ?? null,
          position: 0,
          flags: OBFUSCATED,
          permission_overwrites: [],
        };
  }

  toJson(): Json {
    const { id, type, name, nsfw, server, parent, recipient } = this;
    if (server === undefined) {
      return { id, type, last_message_id: null, flags: 0, recipients: [recipient?.toUserJson()] };
    }
    return {
      id,
      type,
      name,
      nsfw,
      guild_id: server.id,
      parent_id: parent?.id ?? null,
      position: 0,
      flags: 0,
      topic: null,
      last_message_id: null,
      rate_limit_per_user: 0,
      permission_overwrites: [],
      ...(this.isThread
        ? {
            owner_id: server.ownerId,
            message_count: 0,
            member_count: 1,
            total_message_sent: 0,
            thread_metadata: {
              archived: false,
              auto_archive_duration: 1440,
              archive_timestamp: new Date().toISOString(),
              locked: false,
            },
          }
        : {}),
    };
  }
}

export interface ServerOptions {
  readonly id?: string;
  readonly name?: string;
  readonly locale?: string;
  /** Bytes of a file, as interactions tell of them. */
  readonly attachmentSizeLimit?: number;
  /** False where only members have installed the app, for themselves. */
  readonly botIsMember?: boolean;
  /** True where READY names it and nothing more is heard of it, as in an outage. */
  readonly unavailable?: boolean;
}

/** A server of Discord, which its API calls a guild. */
export class Server {
  readonly id: string;
  readonly ownerId = snowflake();
  readonly name: string;
  readonly locale: string;
  /** It falls when the server's boosts end. */
  attachmentSizeLimit: number;
  /** Its automatic moderation takes no message with one of these words in it; lower case. */
  blockedWords: readonly string[] = [];
  /** Its people may invite the bot later. */
  botIsMember: boolean;
  unavailable: boolean;
  readonly channels: Channel[] = [];
  readonly members: Member[] = [];
  readonly #onChannel: (channel: Channel) => void;

  constructor(
    options: ServerOptions & { attachmentSizeLimit: number },
    onChannel: (channel: Channel) => void,
  ) {
    this.id = options.id ?? snowflake();
    this.name = options.name ?? 'A server';
    this.locale = options.locale ?? 'en-US';
    this.attachmentSizeLimit = options.attachmentSizeLimit;
    this.botIsMember = options.botIsMember ?? true;
    this.unavailable = options.unavailable ?? false;
    this.#onChannel = onChannel;
  }

  /** The first text channel. */
  get channel(): Channel {
    return this.channels[0] ?? this.addChannel();
  }

  addChannel(options: ChannelOptions = {}): Channel {
    const channel = Channel.ofServer(this, options);
    this.channels.push(channel);
    this.#onChannel(channel);
    return channel;
  }

  /** All that GUILD_CREATE tells of a server. */
  toJson(bot: Json): Json {
    const { id, name, ownerId, locale } = this;
    const announced = this.channels.filter(({ isAnnounced }) => isAnnounced);
    const everyone = {
      id,
      name: '@everyone',
      color: 0,
      colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
      hoist: false,
      icon: null,
      unicode_emoji: null,
      position: 0,
      permissions: USUAL_PERMISSIONS.toString(),
      managed: false,
      mentionable: false,
      flags: 0,
    };
    return {
      ...{ id, name, owner_id: ownerId, preferred_locale: locale, icon: null, splash: null, banner: null },
      ...{ discovery_splash: null, description: null, vanity_url_code: null, afk_channel_id: null },
      ...{ afk_timeout: 300, verification_level: 1, default_message_notifications: 0, mfa_level: 0 },
      ...{ explicit_content_filter: 0, nsfw_level: 0, premium_tier: 0, premium_subscription_count: 0 },
      ...{ premium_progress_bar_enabled: false, system_channel_id: null, system_channel_flags: 0 },
      ...{ rules_channel_id: null, public_updates_channel_id: null, safety_alerts_channel_id: null },
      ...{ widget_enabled: false, max_members: 500_000, application_id: null, hub_type: null },
      roles: [everyone],
      ...{ emojis: [], stickers: [], features: [], presences: [], voice_states: [], stage_instances: [] },
      ...{ guild_scheduled_events: [], soundboard_sounds: [] },
      members: [bot],
      member_count: this.members.length + 1,
      channels: announced.filter(({ isThread }) => !isThread).map((channel) => channel.toGatewayJson()),
      threads: announced.filter(({ isThread }) => isThread).map((channel) => channel.toGatewayJson()),
      joined_at: new Date().toISOString(),
      ...{ large: false, unavailable: false },
    };
  }
}
