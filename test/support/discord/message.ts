import type { Attachment } from './attachment.js';
import { asStored, buttonsIn, selectsIn, textIn, type Button, type Select } from './components.js';
import type { Json } from './json.js';
import type { Member } from './member.js';
import type { Channel } from './places.js';
import { snowflake } from './snowflake.js';

export const FLAGS = {
  suppressEmbeds: 1 << 2,
  ephemeral: 1 << 6,
  loading: 1 << 7,
  suppressNotifications: 1 << 12,
  voice: 1 << 13,
  snapshot: 1 << 14,
  componentsV2: 1 << 15,
} as const;

export interface Sticker {
  readonly id: string;
  readonly name: string;
  readonly format_type: number;
}

/** What changes when a message is posted or edited. */
export interface MessageState {
  readonly content: string;
  readonly flags: number;
  readonly attachments: readonly Attachment[];
  readonly components: readonly Json[];
  readonly embeds: readonly Json[];
  /** Whom it pings. */
  readonly pinged: readonly string[];
}

export interface MessageOptions {
  readonly channel: Channel;
  readonly author: Member;
  readonly type?: number;
  /** The only one who sees it. */
  readonly onlyFor?: Member | undefined;
  /** What Discord tells of the interaction that made it. */
  readonly interactionMetadata?: Json | undefined;
  /** Why the app may be used there, which its components take over. */
  readonly owners?: Readonly<Record<string, string>> | undefined;
  readonly stickers?: readonly Sticker[];
  /** The message that it forwards, as Discord shows it. */
  readonly snapshot?: Json | undefined;
}

export interface MessageEdit {
  /** As `performance.now` tells it. */
  readonly at: number;
  readonly content: string;
}

/** A message as it stands; it changes as it is edited. */
export class Message {
  readonly id = snowflake();
  readonly channel: Channel;
  readonly author: Member;
  readonly interactionMetadata: Json | undefined;
  content = '';
  flags = 0;
  attachments: readonly Attachment[] = [];
  /** As Discord keeps them. */
  components: readonly Json[] = [];
  embeds: readonly Json[] = [];
  deleted = false;
  /** What people could read, one after the other: as it was posted, and after every edit. */
  readonly edits: MessageEdit[] = [];
  /** Who has been pinged by it: `everyone`, and ids of members and roles. */
  readonly pinged: string[] = [];
  readonly #options: MessageOptions;
  readonly #postedAt = new Date();
  readonly #listeners = new Set<() => void>();
  #editedAt: Date | undefined;

  constructor(options: MessageOptions) {
    this.#options = options;
    this.channel = options.channel;
    this.author = options.author;
    this.interactionMetadata = options.interactionMetadata;
  }

  get ephemeral(): boolean {
    return (this.flags & FLAGS.ephemeral) !== 0;
  }

  /** True for the placeholder of a deferred answer. */
  get thinking(): boolean {
    return (this.flags & FLAGS.loading) !== 0;
  }

  get isV2(): boolean {
    return (this.flags & FLAGS.componentsV2) !== 0;
  }

  get buttons(): Button[] {
    return buttonsIn(this.components);
  }

  get selects(): Select[] {
    return selectsIn(this.components);
  }

  /** The text of the content, and of the Text Displays of Components V2. */
  get text(): string {
    return [this.content, textIn(this.components)].filter((part) => part !== '').join('\n');
  }

  get owners(): Readonly<Record<string, string>> | undefined {
    return this.#options.owners;
  }

  get onlyFor(): Member | undefined {
    return this.#options.onlyFor;
  }

  /** Puts the message, as it is posted or edited, before people. */
  show(state: MessageState): void {
    if (this.edits.length > 0) {
      this.#editedAt = new Date();
    }
    this.content = state.content;
    this.flags = state.flags;
    this.attachments = state.attachments;
    this.components = asStored(state.components, state.attachments);
    this.embeds = state.embeds;
    this.pinged.push(...state.pinged.filter((id) => !this.pinged.includes(id)));
    if (!this.thinking) {
      this.edits.push({ at: performance.now(), content: this.text });
    }
    this.#tell();
  }

  remove(): void {
    this.deleted = true;
    this.#tell();
  }

  /** Calls back after every change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  toJson(): Json {
    const { channel, author } = this;
    const { stickers = [], snapshot, type = 0 } = this.#options;
    return {
      id: this.id,
      type,
      channel_id: channel.id,
      author: author.toUserJson(),
      content: this.content,
      timestamp: this.#postedAt.toISOString(),
      edited_timestamp: this.#editedAt?.toISOString() ?? null,
      tts: false,
      mention_everyone: this.pinged.includes('everyone'),
      mentions: [],
      mention_roles: [],
      attachments: this.attachments.map((attachment) => attachment.toJson()),
      embeds: this.embeds,
      pinned: false,
      flags: this.flags,
      components: this.components,
      ...(stickers.length === 0 ? {} : { sticker_items: stickers }),
      ...(author.isApplication ? { application_id: author.id } : {}),
      ...(this.interactionMetadata === undefined
        ? {}
        : { webhook_id: author.id, interaction_metadata: this.interactionMetadata }),
      ...(snapshot === undefined
        ? {}
        : {
            message_reference: { type: 1, channel_id: channel.id, message_id: snowflake() },
            message_snapshots: [{ message: snapshot }],
          }),
    };
  }

  #tell(): void {
    [...this.#listeners].forEach((listener) => {
      listener();
    });
  }
}
