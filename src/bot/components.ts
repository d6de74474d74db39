import {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  LabelBuilder,
  ModalBuilder,
  StringSelectMenuBuilder,
  TextDisplayBuilder,
  TextInputBuilder,
  TextInputStyle,
  type MessageActionRowComponentBuilder,
} from 'discord.js';
import { LONGEST_OBJECTS } from '../commands/objects.js';
import type { Translate } from '../locales/locales.js';
import { LONGEST_QUESTION, mostUnits } from '../task-limits.js';
import type { Task } from '../task.js';
import { customId, type Action } from './custom-id.js';
import type { MessagePicture } from './pictures-in-message.js';
import type { PostedPicture } from './picture-source.js';
import { oneLine } from './plain-text.js';

export type Row = ActionRowBuilder<MessageActionRowComponentBuilder>;

/** Discord lists no more in a menu. */
export const MOST_OPTIONS = 25;
/** Characters of an option's name. */
const LONGEST_OPTION = 100;

/** The ids of the fields of a form. */
export const FIELDS = { words: 'words', picture: 'picture' } as const;

/** Under an answer that is being made. */
export function cancelRow(jobId: string, t: Translate): Row {
  return row(button('cancel', t('buttons.cancel'), ButtonStyle.Secondary, jobId));
}

/** Under an answer. */
export function answerRow(kind: Task['kind'], posted: PostedPicture, t: Translate): Row {
  const { Primary, Secondary } = ButtonStyle;
  return row(
    button('ask', t('buttons.ask'), Primary, posted),
    button('find', t('buttons.find'), Secondary, posted),
    ...(kind === 'ocr' ? [] : [button('read', t('buttons.read'), Secondary, posted)]),
    ...(kind === 'describe' && posted === 'copy' ? [button('alt', t('buttons.altText'), Secondary)] : []),
    button('delete', t('buttons.delete'), Secondary),
  );
}

/** Under a text without an answer. */
export function deleteRow(t: Translate): Row {
  return row(button('delete', t('buttons.delete'), ButtonStyle.Secondary));
}

/** The choice among a message's pictures. */
export function pictureRow(
  kind: Task['kind'],
  key: string,
  pictures: readonly MessagePicture[],
  t: Translate,
): Row {
  return row(pictureMenu(customId('pick', kind, key), pictures, t));
}

export interface FormOptions {
  readonly id: string;
  readonly asks: 'question' | 'objects';
  /** More than one: the form asks which. */
  readonly pictures?: readonly MessagePicture[];
  /** What is said below its fields. */
  readonly notes?: string;
}

/** The form that asks for a question or for objects. */
export function form({ id, asks, pictures = [], notes = '' }: FormOptions, t: Translate): ModalBuilder {
  const words = new TextInputBuilder()
    .setCustomId(FIELDS.words)
    .setStyle(asks === 'question' ? TextInputStyle.Paragraph : TextInputStyle.Short)
    .setMaxLength(asks === 'question' ? mostUnits(LONGEST_QUESTION) : LONGEST_OBJECTS)
    .setRequired(true);
  const modal = new ModalBuilder()
    .setCustomId(id)
    .setTitle(t(asks === 'question' ? 'forms.ask.title' : 'forms.find.title'))
    .addLabelComponents(
      new LabelBuilder()
        .setLabel(t(asks === 'question' ? 'forms.ask.question' : 'forms.find.objects'))
        .setTextInputComponent(words),
    );
  if (pictures.length > 1) {
    modal.addLabelComponents(
      new LabelBuilder()
        .setLabel(t('forms.picture'))
        .setStringSelectMenuComponent(pictureMenu(FIELDS.picture, pictures, t)),
    );
  }
  if (notes !== '') {
    modal.addTextDisplayComponents(new TextDisplayBuilder().setContent(notes));
  }
  return modal;
}

function pictureMenu(id: string, pictures: readonly MessagePicture[], t: Translate): StringSelectMenuBuilder {
  return new StringSelectMenuBuilder()
    .setCustomId(id)
    .setPlaceholder(t('forms.picture'))
    .addOptions(
      pictures.map(({ name, description }, index) => ({
        label: oneLine(`${index + 1}. ${name}`, LONGEST_OPTION),
        value: String(index),
        ...(description === null || description.trim() === ''
          ? {}
          : { description: oneLine(description, LONGEST_OPTION) }),
      })),
    );
}

function button(action: Action, label: string, style: ButtonStyle, ...details: string[]): ButtonBuilder {
  return new ButtonBuilder()
    .setCustomId(customId(action, ...details))
    .setLabel(label)
    .setStyle(style);
}

function row(...components: MessageActionRowComponentBuilder[]): Row {
  return new ActionRowBuilder<MessageActionRowComponentBuilder>().addComponents(components);
}
