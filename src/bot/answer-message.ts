import { AttachmentBuilder, MessageFlags, type InteractionEditReplyOptions } from 'discord.js';
import type { AnswerReply } from '../commands/picture-command.js';
import type { Translate } from '../locales/locales.js';
import type { EncodedPicture, Task } from '../task.js';
import { answerRow, deleteRow, type Row } from './components.js';
import type { PostedPicture } from './picture-source.js';
import { codeBlock, oneLine, plainText, truncate } from './plain-text.js';

/** Characters of a message. */
const LONGEST_MESSAGE = 2000;
/** Characters of a picture's alternative text. */
const LONGEST_ALT_TEXT = 1024;
/** Characters of the question that an answer repeats. */
const LONGEST_QUOTE = 300;
/** Left over for what holds the text: spoiler bars, the fence of a code block, line breaks. */
const WRAPPING = 20;

const FILE_ENDINGS = { 'image/png': 'png', 'image/jpeg': 'jpg' } as const satisfies Record<
  EncodedPicture['mediaType'],
  string
>;

export interface AnswerMessageOptions {
  readonly kind: Task['kind'];
  readonly reply: AnswerReply;
  readonly picture: EncodedPicture | undefined;
  /** What `picture` is. */
  readonly posted: PostedPicture;
  readonly spoiler: boolean;
  /** False where Discord would refuse a message with files. */
  readonly mayAttach: boolean;
  /** Why it would; left out where files may not be attached at all. */
  readonly because?: 'fileTooLarge' | 'fileRefused';
}

/** A message with an answer in it: its text as far as it fits, all of it as a file where it does not, the picture. */
export function answerMessage(
  { kind, reply, picture, posted, spoiler, mayAttach, because }: AnswerMessageOptions,
  t: Translate,
): InteractionEditReplyOptions {
  const shown = mayAttach ? picture : undefined;
  const frame = {
    asked: reply.asked === undefined ? '' : `> ${plainText(oneLine(reply.asked, LONGEST_QUOTE))}\n`,
    notes: [
      ...reply.notes,
      ...(picture !== undefined && !mayAttach ? [t(`notes.${because ?? 'noFiles'}`)] : []),
    ],
  };
  const whole = compose(frame.asked, bodyOf(reply, reply.text, spoiler), frame.notes, spoiler);
  if (whole.length <= LONGEST_MESSAGE) {
    return message(whole, shown === undefined ? [] : [pictureFile(shown, reply, spoiler)], [
      answerRow(kind, shown === undefined ? 'none' : posted, t),
    ]);
  }
  const withoutTheRest = because === undefined ? t('notes.tooLong') : t('notes.notAll');
  const notes = [...frame.notes, mayAttach ? t('answers.wholeText') : withoutTheRest];
  const room = LONGEST_MESSAGE - compose(frame.asked, '', notes, spoiler).length - WRAPPING;
  return message(
    compose(frame.asked, beginningOf(reply, room, spoiler), notes, spoiler),
    mayAttach
      ? [textFile(reply, spoiler), ...(shown === undefined ? [] : [pictureFile(shown, reply, spoiler)])]
      : [],
    [answerRow(kind, shown === undefined ? 'none' : posted, t)],
  );
}

/** A message with the words so far. */
export function growingMessage(
  text: string,
  { verbatim, spoiler }: { verbatim: boolean; spoiler: boolean },
  rows: Row[],
): InteractionEditReplyOptions {
  const body = beginningOf({ text, verbatim, notes: [], altText: '' }, LONGEST_MESSAGE - WRAPPING, spoiler);
  return message(compose('', body, [], spoiler) || '…', [], rows);
}

/** A message with the words that were said before something ended the answer, and the sentence that says what. */
export function unfinishedMessage(
  text: string,
  { verbatim, spoiler, sentence }: { verbatim: boolean; spoiler: boolean; sentence: string },
  t: Translate,
): InteractionEditReplyOptions {
  const why = `-# ${sentence}`;
  const room = LONGEST_MESSAGE - why.length - WRAPPING;
  const body = beginningOf({ text, verbatim, notes: [], altText: '' }, room, spoiler);
  return message(`${compose('', body, [], spoiler)}\n${why}`, [], [deleteRow(t)]);
}

/** A message of one sentence of ours. */
export function sentenceMessage(sentence: string, rows: Row[] = []): InteractionEditReplyOptions {
  return message(sentence, [], rows);
}

/**
 * A message of one sentence where an answer was to be, which can be taken away.
 *
 * @param words what was asked, which the member has nowhere else any more; empty: nothing was typed
 */
export function excuseMessage(sentence: string, words: string, t: Translate): InteractionEditReplyOptions {
  const room = LONGEST_MESSAGE - sentence.length - WRAPPING;
  const quoted = truncate(plainText(oneLine(words, LONGEST_MESSAGE)), room);
  return message(quoted === '' ? sentence : `> ${quoted}\n${sentence}`, [], [deleteRow(t)]);
}

function message(
  content: string,
  files: AttachmentBuilder[],
  components: Row[],
): InteractionEditReplyOptions {
  // Without the list of attachments, Discord would keep those of the message before.
  return { content, files, components, attachments: [], flags: MessageFlags.SuppressEmbeds };
}

function compose(asked: string, body: string, notes: readonly string[], spoiler: boolean): string {
  const hidden = spoiler && body !== '' ? `||${body}||` : body;
  return [`${asked}${hidden}`, ...notes.map((note) => `-# ${plainText(note)}`)]
    .filter((part) => part !== '')
    .join('\n');
}

function bodyOf({ verbatim }: AnswerReply, text: string, spoiler: boolean): string {
  // Inside a code block the bars that end a spoiler can't be made harmless.
  return verbatim && !spoiler ? codeBlock(text) : plainText(text);
}

/** As much of the text as `room` characters hold once it is made harmless. */
function beginningOf(reply: AnswerReply, room: number, spoiler: boolean): string {
  const whole = bodyOf(reply, reply.text, spoiler);
  if (whole.length <= room) {
    return whole;
  }
  // Making text harmless lengthens it by at most as many characters as it has.
  return reply.verbatim && !spoiler ? codeBlock(truncate(reply.text, room)) : truncate(whole, room);
}

function pictureFile(
  { bytes, mediaType }: EncodedPicture,
  { altText }: AnswerReply,
  spoiler: boolean,
): AttachmentBuilder {
  return new AttachmentBuilder(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
    name: `glimpse.${FILE_ENDINGS[mediaType]}`,
    description: oneLine(altText, LONGEST_ALT_TEXT),
  }).setSpoiler(spoiler);
}

function textFile({ text }: AnswerReply, spoiler: boolean): AttachmentBuilder {
  return new AttachmentBuilder(Buffer.from(text, 'utf8'), { name: 'answer.txt' }).setSpoiler(spoiler);
}
