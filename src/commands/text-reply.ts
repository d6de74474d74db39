import type { Translate } from '../locales/locales.js';
import type { Answer } from '../task.js';
import type { AnswerReply } from './picture-command.js';

/**
 * The reply of a task that answers in words.
 *
 * @param nothing what to say where the model said nothing
 * @param altText of the picture, where the model said something
 */
export function textReply(
  answer: Answer,
  t: Translate,
  { nothing, altText }: { nothing: string; altText: string },
): AnswerReply {
  const said = answer.text !== '';
  return {
    text: said ? answer.text : (excuseOf(answer, t) ?? nothing),
    verbatim: false,
    notes: notesOf(answer, t),
    altText: said ? altText : t('altTexts.picture'),
  };
}

/** Why there is no answer, where the model itself says so. */
export function excuseOf({ finish }: Answer, t: Translate): string | undefined {
  return finish === 'refused' ? t('outcomes.refused') : undefined;
}

/** The small print of an answer. */
export function notesOf(answer: Answer, t: Translate): string[] {
  const notes: string[] = [];
  if (answer.finish === 'cut off') {
    notes.push(t('notes.cutOff'));
  }
  if (answer.firstFrameOnly) {
    notes.push(t('notes.firstFrame'));
  }
  return notes;
}
