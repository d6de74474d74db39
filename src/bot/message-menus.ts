import {
  MessageFlags,
  type MessageContextMenuCommandInteraction,
  type ModalSubmitInteraction,
  type StringSelectMenuInteraction,
} from 'discord.js';
import type { PictureCommand, TaskWords } from '../commands/picture-command.js';
import { PICTURE_COMMANDS } from '../commands/picture-commands.js';
import { translateTo } from '../locales/locales.js';
import { answerPicture } from './answer-picture.js';
import type { BotContext } from './bot-context.js';
import { FIELDS, form, pictureRow } from './components.js';
import { customId } from './custom-id.js';
import type { AnswerableInteraction } from './interactions.js';
import { choiceAmong } from './picture-choice.js';
import { picturesIn, type MessagePicture } from './pictures-in-message.js';
import { Refusal } from './sentences.js';

/**
 * An entry that a member chose in the menu of a message. Its answer is for them alone: the message is somebody else's,
 * and who wants all to read uses the slash command.
 */
export async function onMessageMenu(
  bot: BotContext,
  interaction: MessageContextMenuCommandInteraction,
): Promise<void> {
  const t = translateTo(interaction.locale);
  const command = commandNamed(interaction.commandName);
  const { config, pending } = bot;
  const pictures = picturesIn(interaction.targetMessage, config.discord.attachmentHosts);
  const { offered, notes } = choiceAmong(pictures, config, t);
  if (command.form !== undefined) {
    pending.remember(interaction.id, offered);
    const id = customId('form', command.kind, interaction.id);
    await interaction.showModal(form({ id, asks: command.form, pictures: offered, notes }, t));
  } else if (offered.length > 1) {
    pending.remember(interaction.id, offered);
    await interaction.reply({
      content: [t('forms.choosePicture'), notes].filter((part) => part !== '').join('\n'),
      components: [pictureRow(command.kind, interaction.id, offered, t)],
      flags: MessageFlags.Ephemeral,
    });
  } else {
    await answerAbout(bot, interaction, command, {}, pictureAt(offered, '0'));
  }
}

/** The picture that a member chose among those of a message. */
export async function onPictureChosen(
  bot: BotContext,
  interaction: StringSelectMenuInteraction,
  [kind, key = '']: readonly string[],
): Promise<void> {
  const offered = bot.pending.recall(key);
  const picture = pictureAt(offered, interaction.values[0]);
  // The answer takes the place of the menu; that of a second choice, made before the menu is gone, would take its place.
  bot.pending.forget(key);
  try {
    await answerAbout(bot, interaction, commandOf(kind), {}, picture, true);
  } catch (error) {
    // Refused: the menu is still there.
    bot.pending.remember(key, offered ?? []);
    throw error;
  }
}

/** A form about a message's pictures that a member has filled in. */
export async function onMenuForm(
  bot: BotContext,
  interaction: ModalSubmitInteraction,
  [kind, key = '']: readonly string[],
): Promise<void> {
  const command = commandOf(kind);
  const chosen = interaction.fields.fields.has(FIELDS.picture)
    ? interaction.fields.getStringSelectValues(FIELDS.picture)[0]
    : '0';
  const picture = pictureAt(bot.pending.recall(key), chosen);
  await answerAbout(bot, interaction, command, wordsOf(command, interaction), picture);
}

/** What a member wrote into a form. */
export function wordsOf({ form: asks }: PictureCommand, { fields }: ModalSubmitInteraction): TaskWords {
  const words = fields.getTextInputValue(FIELDS.words);
  return asks === 'question' ? { question: words } : { objects: words };
}

/** @throws {Refusal} a kind of task that this version does not have */
export function commandOf(kind: string | undefined): PictureCommand {
  const command = Object.values(PICTURE_COMMANDS).find((known) => known.kind === kind);
  if (command === undefined) {
    throw new Refusal('outdated');
  }
  return command;
}

async function answerAbout(
  bot: BotContext,
  interaction: AnswerableInteraction,
  command: PictureCommand,
  words: TaskWords,
  picture: MessagePicture,
  replacesMessage = false,
): Promise<void> {
  await answerPicture(bot, interaction, {
    command,
    words,
    source: { from: 'address', picture },
    private: true,
    pictureShown: false,
    replacesMessage,
  });
}

/** @throws {Refusal} it is forgotten */
function pictureAt(
  offered: readonly MessagePicture[] | undefined,
  index: string | undefined,
): MessagePicture {
  const picture = offered?.[Number(index)];
  if (picture === undefined) {
    throw new Refusal('formForgotten');
  }
  return picture;
}

/** @throws {Refusal} an entry that an older version registered and this one does not have */
function commandNamed(name: string): PictureCommand {
  const command = Object.values(PICTURE_COMMANDS).find(({ menu }) => menu?.name === name);
  if (command === undefined) {
    throw new Refusal('outdated');
  }
  return command;
}
