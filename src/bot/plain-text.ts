/**
 * Text from a model, a member or a picture, made harmless for a message of Discord.
 *
 * discord.js's `escapeMarkdown` is not enough: it leaves mentions, timestamps, emoji, addresses, quotes and subtext, and
 * what stands between two addresses.
 */

const ELLIPSIS = '…';
/** How far back from a cut a word boundary is looked for. Characters. */
const NEAR = 40;

/** What Unicode does not show, and what reorders text; but the joiners of scripts and emoji, and emoji's selectors. */
const INVISIBLE =
  // The tags after a black flag are how the flags of England, Scotland and Wales are spelled.
  /(?!\n|\t|\u200C|\u200D|[\uFE00-\uFE0F])[\p{Cc}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\uFFF9-\uFFFB](?<!\u{1F3F4}[\u{E0020}-\u{E007F}]{1,7})/gu;
const LINE_BREAKS = /\r\n?|[\v\f\u0085\u2028\u2029]/g;
const LONE_SURROGATES = /\p{Surrogate}/gu;
const JOINER_RUNS = /([\u200C\u200D])[\u200C\u200D]+/g;
const MARKS_BEYOND_THREE = /((?:[\u200C\u200D]?\p{M}){3})[\u200C\u200D\p{M}]+/gu;

/** Special wherever they stand; a colon begins an emoji or joins the parts of an address, unless a space follows. */
const SPECIAL = /[\\`*_~|<@[\]]|:(?=\S)|(?<=www|discord|discordapp)\.(?=\S)/gi;
/** Headings, quotes, lists and subtext. */
const SPECIAL_AT_LINE_START = /^([^\S\n]*)([#>+-])/gm;
const NUMBERED_LIST = /^([^\S\n]*\d+)([.)])(?=\s|$)/gm;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The text as a message's content that shows it as it is: nothing in it pings, links, hides or is formatted. */
export function plainText(text: string): string {
  return clean(text)
    .replace(SPECIAL, '\\$&')
    .replace(SPECIAL_AT_LINE_START, '$1\\$2')
    .replace(NUMBERED_LIST, '$1\\$2');
}

/**
 * The text in a code block, which it can't leave. At most 8 characters longer than the text.
 *
 * @returns nothing for a text of nothing: Discord knows no empty code block
 */
export function codeBlock(text: string): string {
  // Backslashes are shown in a code block; so the backticks that would end it become the accent they look like.
  const inside = clean(text).replace(/`{3,}/g, (fence) => 'ˋ'.repeat(fence.length));
  return inside === '' ? '' : `\`\`\`\n${inside}\n\`\`\``;
}

/** The text on one line, for labels and alternative texts, where Discord formats nothing. */
export function oneLine(text: string, limit: number): string {
  const line = clean(text).replace(/\s+/g, ' ');
  return line.length <= limit ? line : beginning(line, limit);
}

/**
 * The beginning of a text, with an ellipsis where it was longer. Cut between words where that is near, otherwise between
 * characters as people see them; never after a backslash that was there for what follows it.
 *
 * @param limit UTF-16 units, with the ellipsis
 */
export function truncate(text: string, limit: number): string {
  if (text.length <= limit) {
    return text;
  }
  const head = text.slice(0, boundaryBefore(text, limit - ELLIPSIS.length));
  const cutsWord = /\S/.test(text.charAt(head.length));
  const lastWord = cutsWord ? (/\s\S*$/.exec(head)?.index ?? 0) : head.length;
  const whole = lastWord > 0 && head.length - lastWord <= NEAR ? head.slice(0, lastWord) : head;
  return beginning(withoutLooseEnd(whole) + ELLIPSIS, limit);
}

function beginning(text: string, limit: number): string {
  if (text.length <= limit) {
    return text;
  }
  return limit < ELLIPSIS.length
    ? ''
    : text.slice(0, boundaryBefore(text, limit - ELLIPSIS.length)).trimEnd() + ELLIPSIS;
}

/** The last boundary between graphemes at or before an index. */
function boundaryBefore(text: string, index: number): number {
  return index <= 0 ? 0 : (graphemes.segment(text).containing(index)?.index ?? text.length);
}

function withoutLooseEnd(text: string): string {
  const end = text.trimEnd();
  const backslashes = /\\*$/.exec(end)?.[0].length ?? 0;
  return backslashes % 2 === 1 ? withoutLooseEnd(end.slice(0, -1)) : end;
}

function clean(text: string): string {
  return text
    .replace(LINE_BREAKS, '\n')
    .replace(LONE_SURROGATES, '\uFFFD')
    .replace(INVISIBLE, '')
    .replace(JOINER_RUNS, '$1')
    .replace(MARKS_BEYOND_THREE, '$1')
    .replace(/(?<![^\S\n])[^\S\n]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
