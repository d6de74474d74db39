import {
  MessageFlags,
  type MessageContextMenuCommandInteraction,
  type ModalSubmitInteraction,
  type StringSelectMenuInteraction,
} from 'discord.js';
import type { PictureCommand, TaskWords } from '../commands/picture-command.js';
import { PICTURE_COMMANDS } from '../commands/picture-commands.js';
import { UserError } from '../errors.js';
import { translateTo } from '../locales/locales.js';
import { answerPicture } from './answer-picture.js';
import type { BotContext } from './bot-context.js';
import { FIELDS, form, pictureRow } from './components.js';
import { customId } from './custom-id.js';
import type { AnswerableInteraction } from './interactions.js';
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
  const pictures = picturesIn(interaction.targetMessage, bot.config.discord.attachmentHosts);
  const first = pictures.at(0);
  if (first === undefined) {
    throw new UserError('This message has no picture.', { mistake: { code: 'noPicture' } });
  }
  if (command.form !== undefined) {
    bot.pending.remember(interaction.id, pictures);
    const id = customId('form', command.kind, interaction.id);
    await interaction.showModal(form({ id, asks: command.form, pictures }, t));
  } else if (pictures.length > 1) {
    bot.pending.remember(interaction.id, pictures);
    await interaction.reply({
      content: t('forms.choosePicture'),
      components: [pictureRow(command.kind, interaction.id, pictures, t)],
      flags: MessageFlags.Ephemeral,
    });
  } else {
    await answerAbout(bot, interaction, command, {}, first);
  }
}

/** The picture that a member chose among those of a message. */
export async function onPictureChosen(
  bot: BotContext,
  interaction: StringSelectMenuInteraction,
  [kind, key]: readonly string[],
): Promise<void> {
  const picture = pendingPicture(bot, key, interaction.values[0]);
  await answerAbout(bot, interaction, commandOf(kind), {}, picture, true);
}

/** A form about a message's pictures that a member has filled in. */
export async function onMenuForm(
  bot: BotContext,
  interaction: ModalSubmitInteraction,
  [kind, key]: readonly string[],
): Promise<void> {
  const command = commandOf(kind);
  const chosen = interaction.fields.fields.has(FIELDS.picture)
    ? interaction.fields.getStringSelectValues(FIELDS.picture)[0]
    : '0';
  const picture = pendingPicture(bot, key, chosen);
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
function pendingPicture(
  { pending }: BotContext,
  key: string | undefined,
  index: string | undefined,
): MessagePicture {
  const picture = pending.recall(key ?? '')?.[Number(index)];
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
