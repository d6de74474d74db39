import { AttachmentBuilder, type Interaction } from 'discord.js';
import type { Translate } from '../locales/locales.js';
import { FIELDS } from './components.js';
import { codeBlock } from './plain-text.js';

/** Characters of a message. */
const LONGEST_MESSAGE = 2000;

/** What a member typed into a form, which is gone once it is sent; undefined where the interaction is none. */
export function typedWords(interaction: Interaction): string | undefined {
  return interaction.isModalSubmit() && interaction.fields.fields.has(FIELDS.words)
    ? interaction.fields.getTextInputValue(FIELDS.words)
    : undefined;
}

/** A refusal, with the words in it that were typed for nothing; as a file where they are too long. */
export function refusalWithWords(
  sentence: string,
  words: string | undefined,
  t: Translate,
): { content: string; files?: AttachmentBuilder[] } {
  const block = words === undefined ? '' : codeBlock(words);
  if (words === undefined || block === '') {
    return { content: sentence };
  }
  const content = `${sentence}\n${t('forms.wordsBack')}`;
  return content.length + block.length < LONGEST_MESSAGE
    ? { content: `${content}\n${block}` }
    : { content, files: [new AttachmentBuilder(Buffer.from(words, 'utf8'), { name: 'words.txt' })] };
}
