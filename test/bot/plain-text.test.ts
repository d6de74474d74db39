import { describe, expect, test } from 'vitest';
import { codeBlock, oneLine, plainText, truncate } from '../../src/bot/plain-text.js';
import { asShown } from '../support/as-shown.js';

/** Parts that mean something to Discord or to a reader's eye; hostile texts are made of them. */
const PARTS = [
  ...[
    '@everyone',
    '@here',
    '<@1>',
    '<@!1>',
    '<@&1>',
    '<#1>',
    '</cmd:1>',
    '<t:1:R>',
    '<a:emoji:1>',
    ':smile:',
  ],
  ...[
    '<id:guide>',
    '# ',
    '## ',
    '-# ',
    '> ',
    '>>> ',
    '- ',
    '* ',
    '+ ',
    '1. ',
    '2) ',
    '**',
    '*',
    '__',
    '_',
    '~~',
  ],
  ...['||', '|', '`', '``', '```', '```js\n', '\\', '\\\\', '[a](https://b.example)', '[', ']', '(', ')'],
  ...['https://a.example/b_c_d', 'http://a', 'discord://x', 'www.a.example', 'discord.gg/a', 'steam://run'],
  ...[' ', '  ', '\n', '\n\n\n', '\r\n', '\t', '\u2028', '\u0000', '\u001b', '\u202e', '\u2066', '\u200f'],
  ...['\u061c', '\u200b', '\ufeff', '\u{e0041}', '\u200d', '\u200c', '\u0301', '\u0301'.repeat(9), '\ufe0f'],
  ...['\ud83d', '\ude00', '😀', '👩‍👩‍👧', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'é', 'e\u0301', 'क्ष', '猫', 'word', '12:30', 'a', '7', '.', '…'],
];

function* hostileTexts(count: number): Generator<string> {
  let state = 1;
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  for (let index = 0; index < count; index++) {
    yield Array.from({ length: 1 + random(12) }, () => PARTS[random(PARTS.length)]).join('');
  }
}

const texts = [...PARTS, ...hostileTexts(4000)];

const BIDIRECTIONAL = /[\u202A-\u202E\u2066-\u2069\u200E\u200F\u061C]/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const EMPTY_PAIRS = /\\[^\p{L}\p{N}\s]/gu;

describe('plain text', () => {
  test('holds no special character that is not escaped', () => {
    for (const text of texts) {
      const left = plainText(text).replace(EMPTY_PAIRS, '');
      expect(left, JSON.stringify(text)).not.toMatch(/[\\`*_~|<@[\]]|:\S|www\.\S|discord\.\S/);
      expect(plainText(text).replace(EMPTY_PAIRS, 'x'), JSON.stringify(text)).not.toMatch(
        /^\s*([#>+-]|\d+[.)](\s|$))/m,
      );
    }
  });

  test('holds nothing that is invisible or turns the reading direction, and no half of a character', () => {
    for (const text of texts) {
      expect(plainText(text)).not.toMatch(BIDIRECTIONAL);
      // eslint-disable-next-line no-control-regex -- they are what must not be there
      expect(plainText(text)).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200B\u2060\uFEFF]/);
      expect(plainText(text)).not.toMatch(LONE_SURROGATE);
      expect(plainText(text)).not.toMatch(/(\p{Mn})\u200D?\1\u200D?\1\u200D?\1/u);
    }
  });

  test('has no edges of white space and at most two line breaks in a row', () => {
    for (const text of texts) {
      expect(plainText(text)).toBe(plainText(text).trim());
      expect(plainText(text)).not.toContain('\n\n\n');
    }
  });

  test('is at most twice as long as the text', () => {
    for (const text of texts) {
      expect(plainText(text).length).toBeLessThanOrEqual(2 * text.length);
    }
  });

  test.each([
    ['@everyone', '\\@everyone'],
    ['<@1> <@&1> <#1>', '\\<\\@1> \\<\\@&1> \\<#1>'],
    ['</cmd:1> <t:1> <:emoji:1> :smile:', '\\</cmd\\:1> \\<t\\:1> \\<\\:emoji\\:1> \\:smile:'],
    ['# heading\n  ## heading\n-# subtext', '\\# heading\n  \\## heading\n\\-# subtext'],
    ['> quote\n>>> quote', '\\> quote\n\\>>> quote'],
    ['- one\n* two\n3. three\n4) four', '\\- one\n\\* two\n3\\. three\n4\\) four'],
    ['**bold** __under__ ~~gone~~', '\\*\\*bold\\*\\* \\_\\_under\\_\\_ \\~\\~gone\\~\\~'],
    ['`code` ||spoiler||', '\\`code\\` \\|\\|spoiler\\|\\|'],
    ['[text](https://example.org)', '\\[text\\](https\\://example.org)'],
    ['www.example.org discord.gg/abc', 'www\\.example.org discord\\.gg/abc'],
    ['¯\\_(ツ)_/¯', '¯\\\\\\_(ツ)\\_/¯'],
    ['\u202eevil\u202c @ev\u200beryone', 'evil \\@everyone'],
  ])('%j becomes %j', (text, harmless) => {
    expect(plainText(text)).toBe(harmless);
  });

  test.each([
    'Two cats; one is black (the other is not). 50 % of 3.5 = 1.75, at 12:30 - or later!',
    'A #1 dog & a cat + a mouse: "no > yes"',
    'snake_case_name, 5 * 3, C:\\Users, a/b',
    'گربه‌ها روی مبل هستند',
    'क्‍ष र्‍य ক্ষ র‍্য ศิลปินนั่ง nghiêng שָׁלוֹם',
    'first\nsecond\n\nthird',
    '👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️ 1️⃣ 🇩🇪 👍🏽',
  ])('%j is shown as it is', (text) => {
    expect(asShown({ content: plainText(text) })).toBe(text);
  });
});

describe('a code block', () => {
  test('can not be left by the text in it', () => {
    for (const text of texts) {
      const block = codeBlock(text);
      if (block !== '') {
        expect(block.slice(0, 4), JSON.stringify(text)).toBe('```\n');
        expect(block.indexOf('```', 3), JSON.stringify(text)).toBe(block.length - 3);
      }
      expect(block.length).toBeLessThanOrEqual(text.length + 8);
      expect(block).not.toMatch(BIDIRECTIONAL);
    }
  });

  test('shows the text without backslashes of ours', () => {
    expect(codeBlock('a *b* `c` @here\n  d\\e')).toBe('```\na *b* `c` @here\n  d\\e\n```');
  });

  test('of nothing is nothing', () => {
    expect(codeBlock(' \n\u200b')).toBe('');
  });
});

describe('one line', () => {
  test('has no line break, and no more characters than allowed', () => {
    for (const text of texts) {
      for (const limit of [0, 1, 2, 5, 20]) {
        const line = oneLine(text, limit);
        expect(line.length).toBeLessThanOrEqual(limit);
        expect(line).not.toMatch(/[\n\r\u2028\u2029]/);
        expect(line).not.toMatch(LONE_SURROGATE);
        expect(line).not.toMatch(BIDIRECTIONAL);
      }
    }
  });

  test('is cut between characters as people see them', () => {
    expect(oneLine('a cat\r\n on  a mat', 100)).toBe('a cat on a mat');
    expect(oneLine('a cat on a mat', 8)).toBe('a cat o…');
    expect(oneLine('ab👩‍👩‍👧cd', 8)).toBe('ab…');
    expect(oneLine('abe\u0301cd', 4)).toBe('ab…');
  });
});

describe('a truncated text', () => {
  test('is within its limit, and ends at the end of a character', () => {
    for (const text of texts) {
      const harmless = plainText(text);
      for (const limit of [0, 1, 3, 10, 30]) {
        const cut = truncate(harmless, limit);
        expect(cut.length).toBeLessThanOrEqual(limit);
        expect(cut).not.toMatch(LONE_SURROGATE);
        if (cut !== harmless) {
          expect(cut, JSON.stringify([harmless, limit])).not.toMatch(/(?<!\\)(\\\\)*\\\s*…?$/);
          expect(cut).toMatch(/^$|…$/);
        }
      }
    }
  });

  test('ends between words where that is near', () => {
    expect(truncate('one two three', 13)).toBe('one two three');
    expect(truncate('one two three', 12)).toBe('one two…');
    expect(truncate('one two three', 8)).toBe('one two…');
    expect(truncate(`one ${'x'.repeat(100)}`, 80)).toBe(`one ${'x'.repeat(75)}…`);
    expect(truncate('赤い丸と青い四角', 5)).toBe('赤い丸と…');
  });

  test('never ends with half of an escape, an emoji or an accented letter', () => {
    expect(truncate('abc\\*def', 5)).toBe('abc…');
    expect(truncate('abc\\\\def', 6)).toBe('abc\\\\…');
    expect(truncate('ab😀cd', 4)).toBe('ab…');
    expect(truncate('ab\\ \\ \\cd', 8)).toBe('ab…');
  });
});
