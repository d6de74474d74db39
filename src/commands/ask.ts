import { LONGEST_QUESTION, mostUnits, refuseLongQuestion } from '../task-limits.js';
import type { Task } from '../task.js';
import {
  languageOption,
  messageMenu,
  pictureSlashCommand,
  privateOption,
  wordsOption,
} from './definition.js';
import { languageFrom } from './language.js';
import type { PictureCommand } from './picture-command.js';
import { textReply } from './text-reply.js';

/** `/ask image question [language] [private]` */
export const ask: PictureCommand = {
  kind: 'ask',
  form: 'question',
  slash: pictureSlashCommand((t) => ({
    name: t('commands.ask.name'),
    description: t('commands.ask.description'),
  }))
    .addStringOption(
      wordsOption(
        (t) => ({
          name: t('commands.ask.options.question.name'),
          description: t('commands.ask.options.question.description'),
        }),
        mostUnits(LONGEST_QUESTION),
      ),
    )
    .addStringOption(languageOption)
    .addBooleanOption(privateOption)
    .toJSON(),
  menu: messageMenu((t) => t('menus.ask')),
  task: ({ question = '', language }, locale) => {
    refuseLongQuestion(question);
    return { kind: 'ask', question, language: languageFrom(language, locale) };
  },
  reply: (answer, t) => {
    const question = questionOf(answer.task);
    return {
      asked: question,
      ...textReply(answer, t, {
        nothing: t('outcomes.noAnswer'),
        altText: t('altTexts.asked', { question, text: answer.text }),
      }),
    };
  },
};

function questionOf(task: Task): string {
  return task.kind === 'ask' ? task.question : '';
}
