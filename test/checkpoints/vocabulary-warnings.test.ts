import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { convertCheckpoint } from '../../src/checkpoints/convert.js';
import { vocabularyWarnings } from '../../src/checkpoints/tokenizer-size.js';
import { DEMO_MODEL } from '../../src/config.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TINY_CONFIG, TINY_TOKENS, writeTinyCheckpoint } from '../support/tiny-checkpoint.js';

/** A tokenizer of so many tokens before `<image>` and so many behind it. */
function tokenizer(before: number, behind = 0): object {
  return {
    added_tokens: Array.from({ length: behind + 1 }, (_, index) => ({ id: before + index })),
    model: { vocab: Array.from({ length: before }, () => ['token', 0]) },
  };
}

const warnings = (json: object, imageTokenId: number, vocabularySize: number): string[] =>
  vocabularyWarnings(json, { imageTokenId, text: { vocabularySize } });

test.each([
  ['the official table, padded to a multiple of 64', 257_152, 0, 257_216],
  ['a fine-tune that added tokens and rows', 257_152, 7, 257_160],
  ['a table without padding', 100, 0, 101],
])('%s is nothing to speak of', (_name, before, behind, rows) => {
  expect(warnings(tokenizer(before, behind), before, rows)).toEqual([]);
});

test('rows that no token names are told, wherever they are', () => {
  expect(warnings(tokenizer(100), 100, 201)).toEqual([
    expect.stringMatching(/^100 of the model's 201 tokens/),
  ]);
  const gap = { added_tokens: [{ id: 180 }], model: { vocab: { a: 0, b: 1 } } };
  expect(warnings(gap, 2, 181)).toEqual([
    expect.stringMatching(/^177 of the model's 181 tokens have no name/),
  ]);
});

test('tokens that the table has no row for are told, but for <image>, which needs none', () => {
  expect(warnings(tokenizer(100, 5), 100, 101)).toEqual([
    expect.stringMatching(/^5 tokens of tokenizer\.json/),
  ]);
  expect(warnings(tokenizer(100), 100, 100)).toEqual([]);
});

test('a conversion tells of them, and one of the demo has nothing to tell', async () => {
  const folder = await temporaryFolder();
  const from = join(folder, 'tiny');
  await writeTinyCheckpoint(from);
  const path = join(from, 'tokenizer.json');
  const json = JSON.parse(await readFile(path, 'utf8')) as { model: { vocab: Record<string, number> } };
  const vocab = Object.fromEntries(
    Object.entries(json.model.vocab).filter(([, id]) => id < TINY_TOKENS - 100),
  );
  await writeFile(path, JSON.stringify({ ...json, model: { ...json.model, vocab } }));
  const told: string[] = [];
  const onWarning = (sentence: string): unknown => told.push(sentence);
  await convertCheckpoint({ from, to: join(folder, 'converted'), dtype: 'q8', onWarning });
  const unnamed = TINY_CONFIG.text_config.vocab_size - (TINY_TOKENS - 100) - 1;
  expect(told).toEqual([expect.stringMatching(new RegExp(`^${unnamed} of the model's 320 tokens`))]);
  await convertCheckpoint({ from: DEMO_MODEL, to: join(folder, 'demo'), dtype: 'q8', onWarning });
  expect(told).toHaveLength(1);
});
