import type { Config } from '../config.js';
import { UserError } from '../errors.js';
import type { Translate } from '../locales/locales.js';
import { MOST_OPTIONS } from './components.js';
import type { MessagePicture } from './message-picture.js';
import { refusalOf } from './picture-source.js';
import { oneLine, plainText, truncate } from './plain-text.js';
import { sentenceOf } from './sentences.js';

/** Characters of a picture's name in a note, and of all notes. */
const LONGEST_NAME = 60;
const LONGEST_NOTES = 1500;

/** What a member can choose from. */
export interface PictureChoice {
  /** At least one; at most as many as a menu holds. */
  readonly offered: readonly MessagePicture[];
  /** Which pictures are left out and why, as the content of a message; empty where none is. */
  readonly notes: string;
}

/**
 * The pictures of a message that can be had, before anybody writes a question about one that can't.
 *
 * @throws {UserError} there is none; or why none of them can be had
 */
export function choiceAmong(
  pictures: readonly MessagePicture[],
  config: Config,
  t: Translate,
): PictureChoice {
  const looked = pictures.map((picture) => ({ picture, refusal: refusalOf(picture, config) }));
  const obtainable = looked.flatMap(({ picture, refusal }) => (refusal === undefined ? [picture] : []));
  if (obtainable.length === 0) {
    throw (
      looked.at(0)?.refusal ??
      new UserError('This message has no picture.', { mistake: { code: 'noPicture' } })
    );
  }
  const refused = new Map<string, string[]>();
  for (const { picture, refusal } of looked) {
    if (refusal !== undefined) {
      const sentence = sentenceOf(refusal, t);
      refused.set(sentence, [...(refused.get(sentence) ?? []), nameOf(picture)]);
    }
  }
  const rest = obtainable
    .map((picture, index) => `${index + 1}. ${nameOf(picture)}`)
    .slice(MOST_OPTIONS)
    .join(', ');
  const notes = [
    ...(rest === '' ? [] : [plainText(t('forms.notListed', { pictures: rest }))]),
    ...[...refused].map(([sentence, names]) => `${plainText(names.join(', '))}: ${sentence}`),
  ];
  return {
    offered: obtainable.slice(0, MOST_OPTIONS),
    notes: truncate(notes.map((note) => `-# ${note}`).join('\n'), LONGEST_NOTES),
  };
}

function nameOf({ name }: MessagePicture): string {
  return oneLine(name, LONGEST_NAME);
}
