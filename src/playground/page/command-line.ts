import { modelLanguageFor, type Translate } from '../../locales/locales.js';
import type { Task } from '../../task.js';
import { element } from './elements.js';
import type { Texts } from './texts.js';

/** A command as it would be typed in Discord: its name, and its options with their values. */
export interface TypedCommand {
  readonly name: string;
  readonly options: readonly { readonly name: string; readonly value: string }[];
}

/** @param picture the file's name; undefined: not said */
export function typedCommand(task: Task, texts: Texts, picture?: string): TypedCommand {
  const t = texts.say;
  const options = picture === undefined ? [] : [{ name: t('commands.options.image.name'), value: picture }];
  return { name: `/${t(`commands.${task.kind}.name`)}`, options: [...options, ...optionsOf(task, texts, t)] };
}

/** The command in a line. */
export function commandElement({ name, options }: TypedCommand): HTMLElement {
  const line = element('p', 'command', element('b', '', name));
  for (const option of options) {
    line.append(' ', element('span', 'option', element('i', '', `${option.name}:`), ` ${option.value}`));
  }
  return line;
}

function optionsOf(task: Task, texts: Texts, t: Translate): { name: string; value: string }[] {
  switch (task.kind) {
    case 'describe': {
      const long = {
        name: t('commands.describe.options.detail.name'),
        value: t('commands.describe.options.detail.choices.long'),
      };
      return [...(task.length === 'long' ? [long] : []), ...languageOption(task, texts, t)];
    }
    case 'ocr':
      return [];
    case 'ask': {
      const question = { name: t('commands.ask.options.question.name'), value: task.question };
      return [question, ...languageOption(task, texts, t)];
    }
    case 'detect':
    case 'segment': {
      const value = task.objects.join(t('answers.separator'));
      return [{ name: t(`commands.${task.kind}.options.objects.name`), value }];
    }
  }
}

/** The member's own language goes without saying. */
function languageOption(
  { language }: Extract<Task, { kind: 'describe' | 'ask' }>,
  texts: Texts,
  t: Translate,
): { name: string; value: string }[] {
  return language === modelLanguageFor(texts.locale)
    ? []
    : [{ name: t('commands.options.language.name'), value: texts.nameOf(language) }];
}
