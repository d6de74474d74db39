import type { MemberActions } from './member-actions.js';
import type { Choice, Interaction } from './interaction.js';
import type { Json } from './json.js';
import type { Message } from './message.js';
import type { FieldValue, Modal } from './modal.js';
import type { Channel, Server } from './places.js';
import type { OptionValues } from './slash-options.js';
import { LOCALES } from './rules/translations.js';
import { PERMISSION } from './permissions.js';
import { snowflake } from './snowflake.js';
import type { SelectOption } from './components.js';

const USUAL_PERMISSIONS =
  PERMISSION.viewChannel |
  PERMISSION.sendMessages |
  PERMISSION.attachFiles |
  PERMISSION.embedLinks |
  PERMISSION.readMessageHistory |
  PERMISSION.useApplicationCommands |
  PERMISSION.useExternalApps;

export interface MemberOptions {
  readonly id?: string;
  readonly name?: string;
  /** The language of the person's Discord. */
  readonly locale?: string;
  readonly server?: Server;
  readonly roles?: readonly string[];
  /** What the person may do in their server. */
  readonly permissions?: bigint;
}

/** A button by its label, or by its custom id. */
export type ButtonName = string | RegExp | { readonly customId: string | RegExp };

/** A person on Discord, with what their Discord lets them do. */
export class Member {
  readonly id: string;
  readonly name: string;
  readonly locale: string;
  readonly server: Server | undefined;
  readonly roles: readonly string[];
  readonly permissions: bigint;
  /** True for the bot itself. */
  readonly isApplication: boolean;
  readonly #actions: MemberActions;

  constructor(
    { id, name, locale, server, roles, permissions }: MemberOptions,
    actions: MemberActions,
    isApplication = false,
  ) {
    this.id = id ?? snowflake();
    this.name = name ?? `member-${this.id.slice(-4)}`;
    this.locale = locale ?? 'en-US';
    if (!LOCALES.includes(this.locale)) {
      throw new Error(`Discord has no language ${this.locale}.`);
    }
    this.server = server;
    this.roles = roles ?? [];
    this.permissions = permissions ?? USUAL_PERMISSIONS;
    this.isApplication = isApplication;
    this.#actions = actions;
  }

  /**
   * Sends a slash command.
   *
   * @param name with those of a subcommand group and a subcommand after it, if there are such
   * @throws {Error} the command is not registered like that, or may not be used there
   */
  async slash(
    name: string,
    options: OptionValues = {},
    where: { channel?: Channel } = {},
  ): Promise<Interaction> {
    return Promise.resolve(this.#actions.slash(this, name, options, where.channel));
  }

  /** What the bot offers while an option is being typed. */
  async autocomplete(
    name: string,
    typed: OptionValues,
    focused: string,
    where: { channel?: Channel } = {},
  ): Promise<readonly Choice[]> {
    return this.#actions.autocomplete(this, name, { typed, focused, channel: where.channel });
  }

  /** Chooses an entry of the bot in the menu of a message. */
  async messageMenu(name: string, message: Message): Promise<Interaction> {
    return Promise.resolve(this.#actions.messageMenu(this, name, message));
  }

  /**
   * Clicks on a button.
   *
   * @throws {Error} the member sees no such button, or it is disabled
   */
  async click(message: Message, button: ButtonName): Promise<Interaction> {
    return Promise.resolve(this.#actions.click(this, message, button));
  }

  /**
   * Chooses from the menu of a message.
   *
   * @throws {Error} the member sees no such menu, or it has no such values
   */
  async choose(
    message: Message,
    values: readonly string[] | ((options: readonly SelectOption[]) => readonly string[]),
  ): Promise<Interaction> {
    return Promise.resolve(this.#actions.choose(this, message, values));
  }

  /**
   * Sends a filled-in form.
   *
   * @param values by custom id, or by the text of the label
   * @throws {Error} the form has no such fields, or does not take such values
   */
  async submit(modal: Modal, values: Readonly<Record<string, FieldValue>>): Promise<Interaction> {
    return Promise.resolve(this.#actions.submit(this, modal, values));
  }

  /** Whether the member sees a message. */
  sees(message: Message): boolean {
    return !message.deleted && (!message.ephemeral || message.onlyFor?.id === this.id);
  }

  toUserJson(): Json {
    return {
      id: this.id,
      username: this.name.toLowerCase().replaceAll(' ', '_'),
      global_name: this.isApplication ? null : this.name,
      discriminator: this.isApplication ? '0001' : '0',
      avatar: null,
      avatar_decoration_data: null,
      collectibles: null,
      primary_guild: null,
      clan: null,
      public_flags: 0,
      ...(this.isApplication ? { bot: true } : {}),
    };
  }

  /** As a member of a server, with what they may do in the channel of an interaction. */
  toMemberJson(): Json {
    return {
      user: this.toUserJson(),
      nick: null,
      avatar: null,
      banner: null,
      roles: this.roles,
      joined_at: '2024-01-01T00:00:00.000000+00:00',
      premium_since: null,
      deaf: false,
      mute: false,
      pending: false,
      flags: 0,
      communication_disabled_until: null,
      unusual_dm_activity_until: null,
      permissions: this.permissions.toString(),
    };
  }
}
