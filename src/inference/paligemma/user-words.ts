/** The character that the tokenizer spells a space with. */
const SPACE_MARK = '\u2581';

/** Control characters, line and paragraph separators, halves of surrogate pairs, and all that counts as a space. */
const BLANKS = new RegExp(`[\\s\\p{Cc}\\p{Zl}\\p{Zp}\\p{Cs}${SPACE_MARK}]+`, 'gu');

/** What HTML calls its elements; Gemma's tokenizer holds the tags of many as one piece each, opening and closing. */
const HTML_TAG =
  /^<\/?(?:a|abbr|b|big|blockquote|br|caption|cite|code|col|dd|del|details|div|dl|dt|em|figure|font|footer|form|h[1-6]|head|header|hr|html|i|img|input|ins|kbd|label|li|link|main|mark|nav|ol|option|p|pre|q|s|samp|script|section|select|small|span|strike|strong|style|sub|summary|sup|table|tbody|td|textarea|tfoot|th|thead|title|tr|tt|u|ul|var|video)>$/;
/** How tokens are written that stand for something else than these characters. */
const IN_BRACKETS = /^(?:<.*>|\[.*\])$/s;

/**
 * Whether a token that the tokenizer was given beside its vocabulary is the model's alone: those that control it, places
 * in pictures, parts of masks, the picture, unused ones, and white space. HTML's tags and plain words are text that the
 * tokenizer merely holds as one piece.
 */
export function isReserved({ content, special }: { content: string; special: boolean }): boolean {
  return special || toOneLine(content) === '' || (IN_BRACKETS.test(content) && !HTML_TAG.test(content));
}

/**
 * Makes the function that takes the model's own tokens out of people's words, so that nobody can put `<loc0001>` or
 * an end of text into a prompt. It also makes one line of the words, since a line break is what ends a prompt.
 *
 * A token assembled by the removal of another is removed too, and so is one that stands there in look-alikes (such as
 * full-width letters) that Unicode's compatibility normalisation turns into it.
 *
 * @param tokens those that are the model's alone
 */
export function makeCleaner(tokens: readonly string[]): (words: string) => string {
  const alternatives = tokens
    .filter((token) => toOneLine(token) !== '')
    // The longest first, since of two alternatives that both match a regular expression takes the first.
    .sort((a, b) => b.length - a.length)
    .map((token) => token.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&'));
  const anyToken = new RegExp(alternatives.join('|') || '(?!)', 'g');

  return (words) => {
    let cleaned = toOneLine(words);
    for (;;) {
      const folded = cleaned.normalize('NFKC');
      const hasToken = (text: string): boolean => text.search(anyToken) !== -1;
      // The folded words are used only where they hide a token: elsewhere they would change an honest question.
      const suspect = hasToken(cleaned) ? cleaned : folded;
      if (!hasToken(suspect)) {
        return cleaned;
      }
      cleaned = toOneLine(suspect.replace(anyToken, ' '));
    }
  };
}

function toOneLine(words: string): string {
  return words.replace(BLANKS, ' ').trim();
}
