import { describe, expect, test } from 'vitest';
import { codeBlock, oneLine, plainText, truncate } from '../../src/bot/plain-text.js';
import { asShown } from '../support/as-shown.js';

/** Words as they are written, with the marks, joiners and selectors that their scripts need. */
const WORDS: readonly (readonly [string, string])[] = [
  ['Burmese', 'မြို့ ကြိုးစားခဲ့ပြီး သင်္ဘော ဉာဏ်'],
  ['Hebrew with vowels and accents', 'בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים אֵ֥ת הַשָּׁמַ֖יִם'],
  ['Hebrew whose marks are kept in order', 'יְרוּשָׁלַ\u034Fִם'],
  ['Tibetan', 'བསྒྲུབས་ རྡོ་རྗེ་ ཨོཾ་མ་ཎི་པདྨེ་ཧཱུྃ'],
  ['a Tibetan monogram of nine parts', 'ཧྐྵྨླྺྼྻྂ'],
  ['Cham', 'ꨌꩌ ꨀꨇꩉ ꨨꨪꩀ ꨆꨯꨮꩃ'],
  ['Mongolian with variants and separators', 'ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ ᠬᠠᠷ\u180Eᠠ ᠭ\u180Bᠠ ᠨ\u180C ᠰᠢᠨ\u180D\u180Eᠡ'],
  ['Mongolian with its narrow space', 'ᠮᠣᠩᠭᠣᠯ\u202Fᠤᠨ'],
  ['Thai and Lao', 'น้ำผึ้งที่นั่น กู้ภัย ເຂົ້າໜຽວ ບໍ່'],
  ['Khmer', 'ស្ត្រី ខ្ញុំ ព្រះរាជាណាចក្រ ប៉ុន្តែ'],
  ['Devanagari', 'क्षत्रिय श्री र्‍य क्‌ष अग्निमी॑ळे पु॒रोहि॑तं'],
  ['Bengali, Tamil, Malayalam, Sinhala', 'র‍্যাব ক্ষুধা பௌர்ணமி അവൻ അവന്‍ ශ්‍රී ක්‍රි'],
  ['Arabic with all its vowels', 'بِسْمِ ٱللَّهِ ٱلرَّحْمَٰنِ ٱلرَّحِيمِ هُدًۭى رَّبِّهِمْ ۖ'],
  ['Persian and Urdu', 'می‌خواهم کتاب‌هایم ه‍ گربه‌ها نہیں'],
  ['Vietnamese in parts', 'Tiếng Việt nghiêng ngả những'.normalize('NFD')],
  ['Greek in parts', 'ᾧ ᾂ ἀρχή ᾱ̔́ͅ'.normalize('NFD')],
  ['Yoruba, Navajo and phonetics', 'ọ̀rọ̀ Diné bizaad ą́ą́ ɛ̃̂ t̪ʰ d͡ʒ ä̰̃́'.normalize('NFD')],
  ['Old Korean and a lone part of a syllable', 'ᄒᆞᆫ글 ᅟᅡ ᄀᅠ 한글'],
  ['Japanese names and voiced kana', '葛\u{E0100}城 辻\u{E0101} か\u3099'],
  ['Balinese and Javanese', 'ᬅᬓ᭄ᬱᬭ ᬩᬮᬶ ꦲꦏ꧀ꦱꦫꦗꦮ'],
  ['text and emoji presentation', '❤️ ☎︎ ©️ ㊗️ ↔️ ❤️‍🔥 👁️‍🗨️'],
  ['keycaps', '1️⃣ 0️⃣ #️⃣ *️⃣'],
  ['flags and families', '🇩🇪🇯🇵 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🏳️‍🌈 👩‍👩‍👧‍👦 👍🏽 🧑🏿‍🚒'],
  ['mathematics and Phags-pa', '∩\uFE00 ≨\uFE00 0\uFE00 ꡡ\uFE00'],
  ['an elongated word', 'नहीीींंं हाााा'],
];

describe.each(WORDS)('%s', (_name, words) => {
  test('stands in a message as it was', () => {
    expect(asShown({ content: plainText(words) })).toBe(words);
    expect(codeBlock(words)).toBe(`\`\`\`\n${words}\n\`\`\``);
    expect(oneLine(words, 1000)).toBe(words);
  });

  test('is cut between characters as people see them', () => {
    const graphemes = [...new Intl.Segmenter().segment(words)].map(({ segment }) => segment);
    const beginnings = new Set(graphemes.map((_, index) => graphemes.slice(0, index).join('').trimEnd()));
    for (let limit = 1; limit < words.length; limit++) {
      for (const cut of [oneLine(words, limit), truncate(words, limit)]) {
        expect(cut.length).toBeLessThanOrEqual(limit);
        expect([...beginnings], `at ${limit}`).toContain(cut.replace(/…$/, ''));
      }
    }
  });
});

describe('what piles up without end', () => {
  test.each([
    ['one accent', `a${'\u0301'.repeat(40)}b`, 'a\u0301\u0301\u0301b'],
    ['joiners between', `a${'\u0301\u200D'.repeat(40)}b`, 'a\u0301\u200D\u0301\u200D\u0301b'],
    ['a Thai vowel', `ก${'็'.repeat(60)}`, 'ก็็็'],
    ['an enclosing circle', `a${'\u20DD'.repeat(40)}`, 'a\u20DD\u20DD\u20DD'],
    ['nothing to stand on', '\u0301'.repeat(40), '\u0301\u0301\u0301'],
  ])('is cut: %s', (_name, text, cut) => {
    expect(plainText(text)).toBe(cut);
  });

  test.each([
    ['accents', Array.from({ length: 112 }, (_, index) => String.fromCodePoint(0x300 + index)), 5],
    ['marks of Thai', Array.from('ัิีึืฺุู็่้๊๋์ํ๎'), 10],
    ['marks of Arabic', Array.from('ًٌٍَُِّْٰٖٜٟٗ٘ۖۗۘۙۚ'), 10],
  ])('is cut where no two are alike: %s', (_name, marks, most) => {
    for (const between of ['', '\uFE0F', '\u200D', '\u034F', '\u{E0100}']) {
      const left = plainText(`a${marks.join(between)}b`).match(/\p{Mn}/gu) ?? [];
      expect(left.filter((mark) => mark !== '\u034F')).toHaveLength(most);
    }
  });
});

describe('what nobody sees', () => {
  test.each([
    '\u034F',
    '\u115F',
    '\u1160',
    '\u3164',
    '\u180B',
    '\u180E',
    '\u200B',
    '\u200C',
    '\u200D',
    '\uFE00',
    '\uFE0F',
    '\u{E0100}',
    '\u2060\uFEFF',
  ])('is taken out where there is nothing that it belongs to: %j', (invisible) => {
    expect(plainText(invisible)).toBe('');
    expect(plainText(invisible.repeat(50))).toBe('');
    expect(plainText(`a ${invisible.repeat(50)} 7`)).toMatch(/^a {1,2}7$/);
    expect(plainText(`a${invisible.repeat(50)}7`).length).toBeLessThanOrEqual(3);
  });

  test('can not be made a message of, whatever follows whatever', () => {
    const invisible = [
      '\uFE0F',
      '\u200D',
      '\u034F',
      '\u180B',
      '\u180E',
      '\u{E0100}',
      '\u115F',
      '\u1160',
      '\uFE00',
    ];
    for (const first of invisible) {
      for (const second of invisible) {
        expect(plainText((first + second).repeat(100))).toBe('');
        expect(plainText(`猫${(first + second).repeat(100)}犬`).length).toBeLessThanOrEqual(5);
      }
    }
  });
});
