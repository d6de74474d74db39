import { pingedBy } from './discord/mentions.js';
import type { Message } from './discord/strict-discord.js';

/** Everything with which Discord formats, links, hides or pings; what follows a backslash is none of it. */
const ESCAPED = /\\[^\p{L}\p{N}\s]/gu;
const FORMATTING = /[`*~|<@[\]]|(?<!\w)_|_(?!\w)|:\/\/|www\.\S/;
/** At the beginning of a line, but for the question above the answer and the notes below it, which are ours. */
const LINE_START = /^(?:#{1,3} |>>> |[-*+] |\d+[.)] )/m;
/** What nobody sees, or what turns the text round. */
const INVISIBLE = /(?![\n\t])[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\p{Cs}]/u;

/**
 * Why words that somebody else said do more to a message than stand in it; undefined where they do not.
 *
 * @param spoiler whether the answer is to be hidden
 */
export function harmIn(
  { content, pinged }: Pick<Message, 'content' | 'pinged'>,
  { spoiler = false } = {},
): string | undefined {
  const shown = content.replace(ESCAPED, 'x');
  const bars = shown.split('||').length - 1;
  if (bars > 0 && !(spoiler && bars === 2)) {
    return 'a spoiler begins or ends in it';
  }
  const bare = shown.replaceAll('||', '');
  const [first, ...others] = bare.split('\n');
  if (pinged.length > 0 || pingedBy(bare, undefined).length > 0) {
    return 'it pings somebody';
  }
  if (content.length > 2000 || content.trim() === '') {
    return 'it is too long, or empty';
  }
  if (FORMATTING.test(bare)) {
    return `it is formatted: ${FORMATTING.exec(bare)?.[0] ?? ''}`;
  }
  if (LINE_START.test(bare) || others.some((line) => line.startsWith('> ')) || first.startsWith('-# ')) {
    return 'a line of it is formatted';
  }
  return INVISIBLE.test(content) ? 'it holds what can not be seen' : undefined;
}
