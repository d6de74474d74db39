import { describe, expect, test } from 'vitest';
import { generate } from '../../../src/inference/paligemma/generate.js';
import { ScriptedModel } from '../../support/scripted-model.js';
import { tinyTokenizer } from '../../support/tiny-tokenizer.js';
import { imageFeatures } from '../../support/image-features.js';

const tokenizer = tinyTokenizer();
const features = imageFeatures(new Float32Array(2), 2, 1);
const [the, cat] = [tokenizer.idOf('the'), tokenizer.idOf('cat')];
const limits = {
  endTokens: new Set([tokenizer.idOf('<eos>')]),
  vocabularyEnd: tokenizer.imageTokenId,
  maxTokens: 10,
};
const ids = tokenizer.promptIds(2, 'cat');

test('the answer ends with its end token, which is no part of it', async () => {
  const model = new ScriptedModel(tokenizer, ['thecat']);
  const generated = await generate(model, ids, features, limits);
  expect(generated).toMatchObject({ tokens: [the, cat], complete: true });
  expect(model.disposed).toBe(1);
});

test('any of several end tokens ends it', async () => {
  const model = new ScriptedModel(tokenizer, [[the, cat, the]]);
  const { tokens } = await generate(model, ids, features, { ...limits, endTokens: new Set([99, cat]) });
  expect(tokens).toEqual([the]);
});

test('the limit ends it, after as many passes as it takes', async () => {
  const model = new ScriptedModel(tokenizer, [[the, cat]]);
  const generated = await generate(model, ids, features, limits);
  expect(generated.tokens).toHaveLength(10);
  expect(generated.complete).toBe(false);
  // The prompt's pass gives the first token.
  expect(model.steps).toBe(9);
});

test('onToken ends it and says how much is kept', async () => {
  const model = new ScriptedModel(tokenizer, [[the, cat]]);
  const generated = await generate(model, ids, features, {
    ...limits,
    onToken: (tokens) => (tokens.length === 5 ? 3 : undefined),
  });
  expect(generated).toMatchObject({ tokens: [the, cat, the], complete: false });
});

describe('the end of the time', () => {
  test('ends the answer with what there is: the tokens that the passes before it have given', async () => {
    const model = new ScriptedModel(tokenizer, [[the, cat]]);
    const finishBy = performance.now() + 50;
    const late = await generate(model, ids, features, {
      ...limits,
      finishBy,
      onToken: () => {
        while (performance.now() < finishBy) {
          // The pass takes all the time there is.
        }
        return undefined;
      },
    });
    expect(late).toMatchObject({ tokens: [the], complete: false });
  });

  test('leaves an answer whole that the pass before it has ended', async () => {
    const model = new ScriptedModel(tokenizer, ['']);
    const generated = await generate(model, ids, features, { ...limits, finishBy: performance.now() + 50 });
    expect(generated).toMatchObject({ tokens: [], complete: true });
  });

  test('before the prompt lets nothing run', async () => {
    const model = new ScriptedModel(tokenizer, ['cat']);
    const generated = await generate(model, ids, features, { ...limits, finishBy: performance.now() - 1 });
    expect(generated).toMatchObject({ tokens: [], complete: false });
    expect(model.prompts).toHaveLength(0);
  });
});

describe('an abort', () => {
  test('before the start lets nothing run', async () => {
    const model = new ScriptedModel(tokenizer, ['cat']);
    const reason = new Error('gone');
    await expect(
      generate(model, ids, features, { ...limits, signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
    expect(model.prompts).toHaveLength(0);
  });

  test('from an event between two tokens stops before the second, and frees what was remembered', async () => {
    const model = new ScriptedModel(tokenizer, [[the, cat]]);
    const controller = new AbortController();
    const reason = new Error('changed my mind');
    const generated = generate(model, ids, features, {
      ...limits,
      signal: controller.signal,
      onToken: (tokens) => {
        if (tokens.length === 3) {
          // As a message of another process would arrive: in a turn of the event loop of its own.
          setImmediate(() => {
            controller.abort(reason);
          });
        }
        return undefined;
      },
    });
    await expect(generated).rejects.toBe(reason);
    expect(model.steps).toBe(3);
    expect(model.disposed).toBe(1);
  });
});

test('scores that are no numbers are a fault, not an answer', async () => {
  const model = {
    read: () =>
      Promise.resolve({
        logits: new Float32Array(10).fill(NaN),
        add: () => Promise.resolve(),
        dispose: () => undefined,
      }),
  };
  await expect(generate(model, ids, features, limits)).rejects.toThrow(/precision/);
});

test('tokens that are never said are passed over, also where others stand behind them', async () => {
  const scores = [0, 3, 1, 9, 2, 9];
  const model = {
    read: () =>
      Promise.resolve({
        logits: Float32Array.from(scores),
        add: () => Promise.resolve(),
        dispose: () => undefined,
      }),
  };
  const one = { endTokens: new Set([99]), maxTokens: 1, vocabularyEnd: 5 };
  const said = async (neverSaid: number[]): Promise<readonly number[]> =>
    (await generate(model, ids, features, { ...one, neverSaid: new Set(neverSaid) })).tokens;
  expect(await said([3])).toEqual([1]);
  expect(await said([1, 3])).toEqual([4]);
});
