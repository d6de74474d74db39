/**
 * Text from a model, a member or a picture, made harmless for a message of Discord.
 *
 * discord.js's `escapeMarkdown` is not enough: it leaves mentions, timestamps, emoji, addresses, quotes and subtext, and
 * what stands between two addresses.
 */

import { legible } from './legible-text.js';

const ELLIPSIS = '…';
/** How far back from a cut a word boundary is looked for. Characters. */
const NEAR = 40;
/** Families of emoji are the longest characters that are written. UTF-16 units. */
const LONGEST_GRAPHEME = 64;

const LINE_BREAKS = /\r\n?|[\v\f\u0085\u2028\u2029]/g;

/** Special wherever they stand; a colon begins an emoji or joins the parts of an address, unless a space follows. */
const SPECIAL = /[\\`*_~|<@[\]]|:(?=\S)|(?<=www|discord|discordapp)\.(?=\S)/gi;
/** Headings, quotes, lists and subtext; but not the keycap that begins with a number sign. */
const SPECIAL_AT_LINE_START = /^([^\S\n]*)([#>+-])(?!\uFE0F?\u20E3)/gm;
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
  // One space stays as it is: some scripts and languages have spaces of their own.
  const line = clean(text).replace(/\s+/g, (run) => (/^[^\S\n\t]$/.test(run) ? run : ' '));
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

/** The last boundary between graphemes at or before an index; between code points in one that nobody would write. */
function boundaryBefore(text: string, index: number): number {
  if (index <= 0) {
    return 0;
  }
  const boundary = graphemes.segment(text).containing(index)?.index ?? text.length;
  if (index - boundary <= LONGEST_GRAPHEME) {
    return boundary;
  }
  return /[\uDC00-\uDFFF]/.test(text.charAt(index)) ? index - 1 : index;
}

function withoutLooseEnd(text: string): string {
  const end = text.trimEnd();
  const backslashes = /\\*$/.exec(end)?.[0].length ?? 0;
  return backslashes % 2 === 1 ? withoutLooseEnd(end.slice(0, -1)) : end;
}

function clean(text: string): string {
  return legible(text.replace(LINE_BREAKS, '\n'))
    .replace(/(?<![^\S\n])[^\S\n]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
