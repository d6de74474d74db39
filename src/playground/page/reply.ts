import { objectsReply } from '../../commands/objects-reply.js';
import type { AnswerReply } from '../../commands/picture-command.js';
import { textReply } from '../../commands/text-reply.js';
import type { TextKey, Translate } from '../../locales/locales.js';
import type { PortableAnswer } from '../../rendering/portable-answer.js';
import type { Answer } from '../../task.js';
import type { Problem } from '../interface.js';

/** An answer in the words in which the bot gives it. */
export function replyTo(portable: PortableAnswer, t: Translate): AnswerReply {
  const answer = withoutMasks(portable);
  const { task, text } = answer;
  switch (task.kind) {
    case 'describe':
      return textReply(answer, t, { nothing: t('outcomes.nothingToSay'), altText: text });
    case 'ocr':
      return {
        ...textReply(answer, t, { nothing: t('outcomes.noText'), altText: t('altTexts.text', { text }) }),
        verbatim: text !== '',
      };
    case 'ask':
      return textReply(answer, t, {
        nothing: t('outcomes.noAnswer'),
        altText: t('altTexts.asked', { question: task.question, text }),
      });
    case 'detect':
      return objectsReply(answer, t, 'boxes');
    case 'segment':
      return objectsReply(answer, t, 'outlines');
  }
}

/** What went wrong, in a sentence. */
export function sentenceOf({ code, message, values }: Problem, t: Translate): string {
  switch (code) {
    case 'badRequest':
    case 'foreign':
      return message;
    case 'notFound':
      return t('playground.gone');
    case 'tokenNeeded':
      return t('playground.tokenNeeded');
    case 'tooFast':
      return t('mistakes.cooldown', values);
    case 'restarting':
    case 'modelDown':
    case 'modelAway':
    case 'fault':
      return t(`outcomes.${code}`);
    default:
      return t(`mistakes.${code}` satisfies TextKey, values);
  }
}

/** No reply tells of masks. */
function withoutMasks({
  task,
  text,
  detections,
  finish,
  size,
  firstFrameOnly,
  timings,
}: PortableAnswer): Answer {
  const boxes = detections.map(({ label, box }) => ({ label, box }));
  return { task, text, detections: boxes, finish, size, firstFrameOnly, timings };
}
