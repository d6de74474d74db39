import { inspect } from 'node:util';
import { COMMAND, type CommandRegistry } from './commands.js';
import { buttonsIn, COMPONENT, selectsIn, type SelectOption } from './components.js';
import type { InteractionDesk } from './interaction-desk.js';
import { KIND, type Choice, type Interaction } from './interaction.js';
import { textOf, type Json } from './json.js';
import type { ButtonName, Member } from './member.js';
import type { Message } from './message.js';
import type { FieldValue, Modal } from './modal.js';
import type { Channel } from './places.js';
import { invoke, type OptionValues } from './slash-options.js';
import type { World } from './world.js';

const SERVER_INSTALL = 0;
const USER_INSTALL = 1;

/** What people's Discord lets them do with the bot: it refuses what the bot has not offered. */
export class MemberActions {
  readonly #world: World;
  readonly #commands: CommandRegistry;
  readonly #desk: InteractionDesk;

  constructor(world: World, commands: CommandRegistry, desk: InteractionDesk) {
    this.#world = world;
    this.#commands = commands;
    this.#desk = desk;
  }

  slash(member: Member, name: string, options: OptionValues, where: Channel | undefined): Interaction {
    const channel = where ?? this.#usualChannel(member);
    const [first = '', ...subcommands] = name.split(' ');
    const command = this.#command(COMMAND.slash, first, channel);
    const invocation = invoke(command, subcommands, options);
    return this.#desk.send({
      kind: KIND.command,
      member,
      channel,
      owners: ownersFor(command, member, channel),
      data: { ...dataOf(command), options: invocation.options, resolved: invocation.resolved },
      name: `/${name}`,
    });
  }

  async autocomplete(
    member: Member,
    name: string,
    {
      typed,
      focused,
      channel: where,
    }: { typed: OptionValues; focused: string; channel: Channel | undefined },
  ): Promise<readonly Choice[]> {
    const channel = where ?? this.#usualChannel(member);
    const [first = '', ...subcommands] = name.split(' ');
    const command = this.#command(COMMAND.slash, first, channel);
    const { options, focusedType } = invoke(command, subcommands, typed, focused);
    const interaction = this.#desk.send({
      kind: KIND.autocomplete,
      member,
      channel,
      owners: ownersFor(command, member, channel),
      data: { ...dataOf(command), options },
      name: `/${name}`,
      focusedType,
    });
    return interaction.choices;
  }

  messageMenu(member: Member, name: string, message: Message): Interaction {
    const target = this.#seen(member, message);
    const { channel } = target;
    const command = this.#command(COMMAND.message, name, channel);
    return this.#desk.send({
      kind: KIND.command,
      member,
      channel,
      owners: ownersFor(command, member, channel),
      data: {
        ...dataOf(command),
        target_id: target.id,
        resolved: { messages: { [target.id]: target.toJson() } },
      },
      name,
    });
  }

  click(member: Member, message: Message, wanted: ButtonName): Interaction {
    const target = this.#seen(member, message);
    // What the member sees may be older than the message is by now.
    const buttons = buttonsIn(message.components);
    const button = buttons.find(
      ({ customId, label, disabled }) =>
        !disabled && customId !== undefined && isWanted(wanted, label, customId),
    );
    if (button?.customId === undefined) {
      const shown = buttons.map(({ label, disabled }) => `${label ?? ''}${disabled ? ' (disabled)' : ''}`);
      const name = inspect(wanted);
      throw new Error(`There is no button ${name} to click on, only: ${shown.join(', ')}`);
    }
    return this.#useComponent(member, target, {
      custom_id: button.customId,
      component_type: COMPONENT.button,
      id: button.id,
    });
  }

  choose(
    member: Member,
    message: Message,
    values: readonly string[] | ((options: readonly SelectOption[]) => readonly string[]),
  ): Interaction {
    const target = this.#seen(member, message);
    const select = selectsIn(message.components).find(({ disabled }) => !disabled);
    if (select === undefined) {
      throw new Error('There is no menu to choose from.');
    }
    const chosen = typeof values === 'function' ? values(select.options) : values;
    const unknown = chosen.filter((value) => !select.options.some((option) => option.value === value));
    if (unknown.length > 0 || chosen.length < select.minValues || chosen.length > select.maxValues) {
      throw new Error(`The menu ${select.customId} does not let a member choose ${chosen.join(', ')}.`);
    }
    return this.#useComponent(member, target, {
      custom_id: select.customId,
      component_type: COMPONENT.stringSelect,
      id: select.id,
      values: chosen,
    });
  }

  submit(member: Member, modal: Modal, values: Readonly<Record<string, FieldValue>>): Interaction {
    const { channel, member: asked, owners, source } = modal.interaction.options;
    if (asked.id !== member.id) {
      throw new Error(`The form "${modal.title}" was shown to somebody else.`);
    }
    const { components, resolved } = modal.filledIn(values);
    return this.#desk.send({
      kind: KIND.modalSubmit,
      member,
      channel,
      owners,
      source,
      trigger: modal.interaction,
      data: { custom_id: modal.customId, components, resolved },
      name: modal.customId,
    });
  }

  #useComponent(member: Member, source: Message, data: Json): Interaction {
    const { channel } = source;
    return this.#desk.send({
      kind: KIND.component,
      member,
      channel,
      owners: source.owners ?? (channel.hasBot ? ownersByServer(channel) : { [USER_INSTALL]: member.id }),
      source,
      data,
      name: textOf(data.custom_id),
    });
  }

  #usualChannel(member: Member): Channel {
    return member.server?.channel ?? this.#world.directMessages(member);
  }

  /** The message itself, of which the caller may hold an older copy. */
  #seen(member: Member, { id }: Message): Message {
    const message = this.#world.message(id);
    if (message === undefined || !member.sees(message)) {
      throw new Error(`${member.name} does not see the message ${id}.`);
    }
    return message;
  }

  #command(type: number, name: string, channel: Channel): Json {
    const command = this.#commands.find(type, name, channel.server?.id);
    if (command === undefined) {
      throw new Error(`The bot has registered no command ${name} of type ${type}.`);
    }
    const { contexts } = command;
    if (Array.isArray(contexts) && !contexts.includes(channel.context)) {
      throw new Error(`${name} may not be used in the context ${channel.context}.`);
    }
    if (command.nsfw === true && channel.server !== undefined && !channel.nsfw) {
      throw new Error(`${name} is for age-restricted channels alone.`);
    }
    return command;
  }
}

function dataOf(command: Json): Json {
  return {
    id: command.id,
    name: command.name,
    type: command.type,
    ...('guild_id' in command ? { guild_id: command.guild_id } : {}),
  };
}

/** @throws {Error} the command is not offered to those who have the app like that */
function ownersFor(command: Json, member: Member, channel: Channel): Record<string, string> {
  const types = (command.integration_types as readonly number[] | undefined) ?? [SERVER_INSTALL];
  if (channel.hasBot && types.includes(SERVER_INSTALL)) {
    return ownersByServer(channel);
  }
  if (types.includes(USER_INSTALL)) {
    return { [USER_INSTALL]: member.id };
  }
  throw new Error(`${textOf(command.name)} is not for members who have installed the app themselves.`);
}

function ownersByServer(channel: Channel): Record<string, string> {
  return { [SERVER_INSTALL]: channel.server?.id ?? '0' };
}

function isWanted(wanted: ButtonName, label = '', customId: string): boolean {
  if (typeof wanted === 'string') {
    return label === wanted;
  }
  if (wanted instanceof RegExp) {
    return wanted.test(label);
  }
  return typeof wanted.customId === 'string' ? customId === wanted.customId : wanted.customId.test(customId);
}
