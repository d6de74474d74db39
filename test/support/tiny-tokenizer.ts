import { PromptTokenizer } from '../../src/inference/paligemma/tokenizer.js';

const LETTERS = "\u2581abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,;:!?-'";
const MERGES = [
  ['t', 'h'],
  ['th', 'e'],
  ['\u2581', 'the'],
  ['c', 'a'],
  ['ca', 't'],
  ['\u2581', 'cat'],
];

const numbered = (name: string, count: number, digits: number): string[] =>
  Array.from({ length: count }, (_, i) => `<${name}${String(i).padStart(digits, '0')}>`);

/** The `tokenizer.json` of a small vocabulary, with the kinds of tokens and the steps of PaliGemma 2's. */
export function tinyTokenizerJson(): object {
  const special = ['<pad>', '<eos>', '<bos>', '<unk>'];
  const bytes = Array.from({ length: 256 }, (_, i) => `<0x${i.toString(16).toUpperCase().padStart(2, '0')}>`);
  const words = [
    '\n',
    '\u2581\u2581',
    ...bytes,
    ...Array.from(LETTERS),
    ...MERGES.map((pair) => pair.join('')),
  ];
  const places = [...numbered('loc', 1024, 4), ...numbered('seg', 128, 3)];
  const vocabulary = [...special, ...words, ...places, '<image>'];
  const idOf = new Map(vocabulary.map((token, id) => [token, id]));
  const added = [...special, '\n', '\u2581\u2581', ...places, '<image>'];
  return {
    version: '1.0',
    added_tokens: added.map((content) => ({
      id: idOf.get(content),
      content,
      special: special.includes(content) || content === '<image>',
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '\u2581' },
    pre_tokenizer: {
      type: 'Split',
      pattern: { String: ' ' },
      behavior: 'MergedWithPrevious',
      invert: false,
    },
    post_processor: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '\u2581' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
      ],
    },
    model: {
      type: 'BPE',
      vocab: Object.fromEntries(idOf),
      merges: MERGES,
      unk_token: '<unk>',
      byte_fallback: true,
      fuse_unk: true,
    },
  };
}

export function tinyTokenizer(): PromptTokenizer {
  return new PromptTokenizer(tinyTokenizerJson(), {});
}

/** The tokens of an answer, in which `<loc0001>` and the like stand for themselves, followed by the end of text. */
export function answerTokens(tokenizer: PromptTokenizer, text: string): number[] {
  const pieces = text.match(/<(?:loc\d{4}|seg\d{3}|0x[0-9A-F]{2})>|[^<]+/g) ?? [];
  const ids = pieces.flatMap((piece) =>
    // The first token and the last are the start and the line break of a prompt.
    piece.startsWith('<') ? tokenizer.idOf(piece) : tokenizer.promptIds(0, piece).slice(1, -1),
  );
  return [...ids, tokenizer.idOf('<eos>')];
}
