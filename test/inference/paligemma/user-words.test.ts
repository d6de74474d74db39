import { describe, expect, test } from 'vitest';
import { isReserved, makeCleaner } from '../../../src/inference/paligemma/user-words.js';

const numbered = (name: string, count: number, digits: number): string[] =>
  Array.from({ length: count }, (_, i) => `<${name}${String(i).padStart(digits, '0')}>`);

/** Those of the official tokenizer, in part. */
const tokens = [
  ...['<pad>', '<eos>', '<bos>', '<unk>', '<mask>', '<image>', '<start_of_turn>', '[multimodal]', '<2mass>'],
  ...['\n', '\n\n', '\u2581\u2581', '<unused0>', '<unused10>'],
  ...numbered('loc', 1024, 4),
  ...numbered('seg', 128, 3),
];
const clean = makeCleaner(tokens);

describe('tokens that the tokenizer was given beside its vocabulary', () => {
  // prettier-ignore
  test.each(['<pad>', '<mask>', '<2mass>', '[@BOS@]', '[multimodal]', '<image>', '<loc0001>', '<seg001>', '<unused7>',
    '<start_of_turn>', '</s_menu>', '<|im_end|>', '<extra_id_0>', '<start_of_image>', '\n', '\n\n\n', '\u2581\u2581', '\t'])(
    'are the model’s where they control it or mean something else: %j',
    (content) => {
      expect(isReserved({ content, special: false })).toBe(true);
    },
  );

  // prettier-ignore
  test.each(['<table>', '</table>', '<b>', '</b>', '<i>', '<s>', '<code>', '<h1>', '</blockquote>', '<tfoot>', 'receipt', '¥', 'भारत', '[', '<'])(
    'are people’s where they are text: %s',
    (content) => {
      expect(isReserved({ content, special: false })).toBe(false);
      expect(isReserved({ content, special: true })).toBe(true);
    },
  );
});

describe('what people type', () => {
  test.each([
    ['a plain question', 'What is this?', 'What is this?'],
    ['a question in another script', '这是什么？', '这是什么？'],
    ['an emoji of several parts', 'a 👩‍🚒 here', 'a 👩‍🚒 here'],
    ['spaces before, after and between', '  a \t b  ', 'a b'],
    ['line breaks of every kind', 'a\nb\r\nc\u2028d\u2029e\u0085f', 'a b c d e f'],
    ['control characters', 'a\u0000b\u0007c\u001bd', 'a b c d'],
    ['half of a surrogate pair', 'a\ud800b', 'a b'],
    ["the tokenizer's mark of a space", 'a\u2581\u2581b', 'a b'],
    ['a token', 'what <image> is', 'what is'],
    ['tokens side by side', '<bos><eos><pad>cat<loc0001><seg001>', 'cat'],
    ['a token around which the words touch', 'cat<eos>dog', 'cat dog'],
    ['a token in square brackets', '[multimodal] cat', 'cat'],
    ['a token that the removal of another would assemble', '<lo<loc0001>c0002>', '<lo c0002>'],
    ['the same, thrice', '<l<l<loc0001>oc0001>oc0002>cat', '<l<l oc0001>oc0002>cat'],
    ['a token in full-width letters', 'a ＜ｌｏｃ０００１＞ b', 'a b'],
    ['one in mixed look-alikes', '<ｌoc0001> ﹤eos﹥', ''],
    ['tags of HTML', 'is there a <table> tag or </b> here?', 'is there a <table> tag or </b> here?'],
    ['only tokens', ' <eos> \n', ''],
    ['what merely looks like a token', '<loc1> <b2> a < b', '<loc1> <b2> a < b'],
    ['a token with a longer one before it', '<unused10><unused0>', ''],
  ])('%s', (_name, words, expected) => {
    expect(clean(words)).toBe(expected);
  });
});

test('nothing that is left holds a token, whatever is assembled from pieces of tokens', () => {
  const pieces = [
    '<',
    '>',
    'loc',
    '0001',
    'loc0001',
    '<loc',
    '1>',
    '＜',
    'ｌｏｃ',
    'eos',
    '<eos>',
    ' ',
    '\n',
    'a',
  ];
  let random = 1;
  for (let round = 0; round < 2000; round++) {
    let words = '';
    for (let i = 0; i < 12; i++) {
      random = Math.imul(random, 1_103_515_245) + 12_345;
      words += pieces[(random >>> 16) % pieces.length];
    }
    const cleaned = clean(words).normalize('NFKC');
    expect(tokens.filter((token) => cleaned.includes(token))).toEqual([]);
  }
});

test('a tokenizer without added tokens leaves words as they are', () => {
  expect(makeCleaner([])('a <eos> b')).toBe('a <eos> b');
});
