import { MessageFlags, type ButtonInteraction, type Message, type ModalSubmitInteraction } from 'discord.js';
import { PICTURE_COMMANDS } from '../commands/picture-commands.js';
import { translateTo } from '../locales/locales.js';
import { refuseUnlessTheirs } from './answer-owner.js';
import { answerPicture } from './answer-picture.js';
import type { BotContext } from './bot-context.js';
import { form } from './components.js';
import { customId } from './custom-id.js';
import { commandOf, wordsOf } from './message-menus.js';
import {
  POSTED_PICTURES,
  refuseUnobtainable,
  sourceOfAnswer,
  type PictureSource,
  type PostedPicture,
} from './picture-source.js';
import { codeBlock } from './plain-text.js';
import { Refusal } from './sentences.js';

/** "Ask more" and "Find objects" under an answer: a form for the words. */
export async function onAskAgain(
  bot: BotContext,
  interaction: ButtonInteraction,
  kind: 'ask' | 'detect',
  posted: string | undefined,
): Promise<void> {
  // Before the form: nobody should write a question about a picture that is gone.
  refuseUnobtainable(sourceOf(bot, interaction.message, posted), bot.config);
  const id = customId('more', kind, posted ?? '');
  const asks = kind === 'ask' ? 'question' : 'objects';
  await interaction.showModal(form({ id, asks }, translateTo(interaction.locale)));
}

/** The words of a further question. */
export async function onAskedAgain(
  bot: BotContext,
  interaction: ModalSubmitInteraction,
  [kind, posted]: readonly string[],
): Promise<void> {
  if (!interaction.isFromMessage()) {
    throw new Refusal('outdated');
  }
  const command = commandOf(kind);
  await answerPicture(bot, interaction, {
    command,
    words: wordsOf(command, interaction),
    source: sourceOf(bot, interaction.message, posted),
    private: isPrivate(interaction.message),
    pictureShown: true,
  });
}

/** "Read text" under an answer. */
export async function onReadText(
  bot: BotContext,
  interaction: ButtonInteraction,
  posted: string | undefined,
): Promise<void> {
  await answerPicture(bot, interaction, {
    command: PICTURE_COMMANDS.ocr,
    words: {},
    source: sourceOf(bot, interaction.message, posted),
    private: isPrivate(interaction.message),
    pictureShown: true,
  });
}

/** "Alt text" under a description: the description to copy. */
export async function onAltText(interaction: ButtonInteraction): Promise<void> {
  const t = translateTo(interaction.locale);
  // The picture under a description carries it as its alternative text.
  const altText = interaction.message.attachments.find(
    ({ description }) => description !== null,
  )?.description;
  if (altText === undefined || altText === null) {
    throw new Refusal('noAltText');
  }
  await interaction.reply({
    content: `${t('answers.altText')}\n${codeBlock(altText)}`,
    flags: MessageFlags.Ephemeral,
  });
}

/** "Delete" under an answer. */
export async function onDelete(interaction: ButtonInteraction): Promise<void> {
  refuseUnlessTheirs(interaction, interaction.message.interactionMetadata?.user.id);
  await interaction.deferUpdate();
  await interaction.deleteReply();
}

/** @throws {Refusal} the picture is forgotten */
function sourceOf(bot: BotContext, message: Message, posted: string | undefined): PictureSource {
  const known = POSTED_PICTURES.find((name): name is PostedPicture => name === posted);
  const source = known === undefined ? undefined : sourceOfAnswer(bot, message, known);
  if (source === undefined) {
    throw new Refusal('pictureForgotten');
  }
  return source;
}

function isPrivate(message: Message): boolean {
  return message.flags.has(MessageFlags.Ephemeral);
}
