import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/errors.js';
import { PromptTokenizer } from '../../../src/inference/paligemma/tokenizer.js';
import { answerTokens, tinyTokenizer, tinyTokenizerJson } from '../../support/tiny-tokenizer.js';

const tokenizer = tinyTokenizer();
const ids = (...tokens: string[]): number[] => tokens.map((token) => tokenizer.idOf(token));

describe('a prompt', () => {
  test('is the places of the picture, one start, the words, one line break', () => {
    expect(tokenizer.promptIds(3, 'the cat')).toEqual(
      ids('<image>', '<image>', '<image>', '<bos>', 'the', '\u2581cat', '\n'),
    );
  });

  test('of no words has two tokens beside the picture', () => {
    expect(tokenizer.promptIds(2, '')).toEqual(ids('<image>', '<image>', '<bos>', '\n'));
  });

  test('spells what it has no token for in bytes', () => {
    expect(tokenizer.promptIds(0, '猫')).toEqual(ids('<bos>', '<0xE7>', '<0x8C>', '<0xAB>', '\n'));
  });

  test.each(['<image>', 'cat <loc0001>', '<eos>', '<seg001>', '  ', 'a\nb'])(
    'refuses words that would become a token of the model: %j',
    (words) => {
      // Two spaces stand for such a token once the tokenizer has marked them.
      const marked = words.replaceAll(' ', '\u2581');
      expect(() => tokenizer.promptIds(1, marked)).toThrow(UserError);
    },
  );

  test('takes those words once they are cleaned', () => {
    expect(tokenizer.promptIds(0, tokenizer.clean('<eos>the <image> cat\n'))).toEqual(
      ids('<bos>', 'the', '\u2581cat', '\n'),
    );
  });
});

test('tags of HTML and words that the tokenizer holds as one piece stay in a question', () => {
  const json = tinyTokenizerJson() as { added_tokens: object[]; model: { vocab: Record<string, number> } };
  const text = ['<table>', '</b>', 'receipt', '<s>'];
  const controls = ['<unused0>', '[multimodal]', '</s_menu>'];
  for (const content of [...text, ...controls]) {
    const id = Object.keys(json.model.vocab).length;
    json.model.vocab[content] = id;
    json.added_tokens.push({ ...json.added_tokens[0], id, content, special: false });
  }
  const gemma = new PromptTokenizer(json, {});
  const words = gemma.clean('a <table> <unused0>or </b> [multimodal]a receipt</s_menu> <s>');
  expect(words).toBe('a <table> or </b> a receipt <s>');
  const tokens = gemma.promptIds(0, words);
  expect(text.filter((content) => !tokens.includes(gemma.idOf(content)))).toEqual([]);
  expect(controls.filter((content) => tokens.includes(gemma.idOf(content)))).toEqual([]);
});

describe('generated tokens', () => {
  test('keep places and masks, and lose special tokens', () => {
    const text = '<loc0001><seg001> cat ; the';
    expect(tokenizer.decode(answerTokens(tokenizer, text))).toBe(text);
  });

  test('are shown as they are, spaces before punctuation included', () => {
    expect(tokenizer.decode(answerTokens(tokenizer, "the cat , it 's"))).toBe("the cat , it 's");
  });

  test('never show half a character', () => {
    const tokens = answerTokens(tokenizer, 'a猫👩').slice(0, -1);
    const shown = tokens.map((_, i) => tokenizer.decode(tokens.slice(0, i + 1)));
    expect(shown).toEqual(['a', 'a', 'a', 'a猫', 'a猫', 'a猫', 'a猫', 'a猫👩']);
  });

  test('of nothing are nothing', () => {
    expect(tokenizer.decode([])).toBe('');
  });
});

describe('a tokenizer of another model is refused', () => {
  test.each([
    ['no JSON of a tokenizer', {}],
    [
      'one without the tokens of PaliGemma',
      {
        ...tinyTokenizerJson(),
        added_tokens: [],
        model: { type: 'BPE', vocab: { a: 0, '\n': 1 }, merges: [] },
      },
    ],
  ])('%s', (_name, json) => {
    expect(() => new PromptTokenizer(json, {})).toThrow(UserError);
  });
});

test('<image> and ids without a name are never said, and what a fine-tune added behind them is', () => {
  expect([...tokenizer.neverSaid]).toEqual([tokenizer.imageTokenId]);
  expect(tokenizer.vocabularyEnd).toBe(tokenizer.imageTokenId + 1);

  const json = tinyTokenizerJson() as { added_tokens: object[] };
  const [token] = json.added_tokens.slice(-1);
  const id = tokenizer.imageTokenId + 3;
  const tuned = new PromptTokenizer(
    { ...json, added_tokens: [...json.added_tokens, { ...token, id, content: '<total>', special: false }] },
    {},
  );
  expect([...tuned.neverSaid]).toEqual([id - 3, id - 2, id - 1]);
  expect(tuned.vocabularyEnd).toBe(id + 1);
  expect(tuned.decode([id])).toBe('<total>');
});
