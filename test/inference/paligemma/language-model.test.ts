import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/errors.js';
import { LanguageModel } from '../../../src/inference/paligemma/language-model.js';
import { openSession } from '../../../src/inference/paligemma/sessions.js';
import type { Provider } from '../../../src/task.js';
import { ECHO, writeEchoDecoder, type ExportKind } from '../../support/echo-decoder.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { imageFeatures } from '../../support/image-features.js';

const IMAGE = 99;
const features = imageFeatures(Float32Array.of(10, 11, 20, 21), 2, 2);
const options = { provider: 'cpu', threads: 1 } as const;

async function open(kind?: ExportKind, provider: Provider = 'cpu'): Promise<LanguageModel> {
  const graphs = await writeEchoDecoder(await temporaryFolder(), kind);
  return LanguageModel.open(graphs, { ...options, provider });
}

/** A machine without a graphics card refuses the provider; one test alone depends on it. */
async function hasGraphicsCard(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'glimpse-provider-'));
  try {
    const { embedTokens } = await writeEchoDecoder(folder);
    const session = await openSession(embedTokens, { provider: 'webgpu' });
    await session.release();
    return true;
  } catch {
    return false;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const echoed = (logits: Float32Array): Record<string, number> =>
  Object.fromEntries(ECHO.map((name, i) => [name, logits[i]]));

describe('a decoder gets what it asks for and gives the scores of the last position', () => {
  test.each<[string, ExportKind, { readonly position: number; readonly mask: number }]>([
    ['our own export', {}, { position: 1, mask: 0 }],
    [
      'scores of all positions, as the public exports have them',
      { allPositions: true },
      { position: 1, mask: 0 },
    ],
    ['half precision', { embeddings: 'float16', decoder: 'float16' }, { position: 1, mask: 0 }],
    ['half-precision embeddings alone', { embeddings: 'float16' }, { position: 1, mask: 0 }],
    ['a half-precision decoder alone', { decoder: 'float16', allPositions: true }, { position: 1, mask: 0 }],
    ['sizes of the cache left open', { openSizes: true }, { position: 1, mask: 0 }],
    ['no positions', { furtherInputs: [] }, { position: 0, mask: 0 }],
    [
      'all that may be asked for',
      { furtherInputs: ['position_ids', 'attention_mask', 'token_type_ids', 'num_logits_to_keep'] },
      { position: 1, mask: 1 },
    ],
  ])('%s', async (_name, kind, has) => {
    const model = await open(kind);
    const reading = await model.read([IMAGE, IMAGE, 3, 4, 5], features);
    expect(echoed(reading.logits)).toEqual({
      'embedding 0': 5,
      'embedding 1': 5.5,
      position: 5 * has.position,
      mask: 5 * has.mask,
      types: 0,
      'past tokens': 0,
      'past sum': 0,
    });

    await reading.add(6);
    expect(echoed(reading.logits)).toMatchObject({
      'embedding 0': 6,
      position: 6 * has.position,
      mask: 6 * has.mask,
      'past tokens': 5,
      // The picture's two places and the three words.
      'past sum': 10 + 20 + 3 + 4 + 5,
    });

    await reading.add(7);
    expect(echoed(reading.logits)).toMatchObject({
      position: 7 * has.position,
      'past tokens': 6,
      'past sum': 48,
    });
    reading.dispose();
    await model.close();
  });

  test('each prompt begins with an empty cache', async () => {
    const model = await open();
    const first = await model.read([IMAGE, IMAGE, 3], features);
    await first.add(4);
    first.dispose();
    const second = await model.read([IMAGE, IMAGE, 5], features);
    expect(echoed(second.logits)).toMatchObject({ position: 3, 'past tokens': 0, 'past sum': 0 });
    second.dispose();
    await model.close();
  });
});

test.runIf(await hasGraphicsCard())(
  'on a graphics card the cache stays there and grows the same',
  async () => {
    const model = await open({ allPositions: true }, 'webgpu');
    const reading = await model.read([IMAGE, IMAGE, 3, 4, 5], features);
    await reading.add(6);
    await reading.add(7);
    expect(echoed(reading.logits)).toMatchObject({ position: 7, 'past tokens': 6, 'past sum': 48 });
    reading.dispose();
    await model.close();
  },
);

test('features of another width are a fault', async () => {
  const model = await open();
  const wide = imageFeatures(new Float32Array(6), 2, 3);
  await expect(model.read([IMAGE, IMAGE, 3], wide)).rejects.toThrow(/widths/);
  await model.close();
});

describe('a decoder that can not be run is refused when it is opened', () => {
  test.each<[string, ExportKind, RegExp]>([
    ['one that asks for what is not known', { unknownInput: 'beam_index' }, /beam_index/],
    ['one without a cache', { cache: 'none' }, /past_key_values/],
    ['one that keeps its cache to itself', { cache: 'not given back' }, /present\.0\.key/],
  ])('%s', async (_name, kind, message) => {
    const error: unknown = await open(kind).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(message);
  });

  test('a damaged file', async () => {
    const folder = await temporaryFolder();
    const graphs = await writeEchoDecoder(folder);
    await writeFile(join(folder, 'decoder_model_merged.onnx'), 'no graph');
    await expect(LanguageModel.open(graphs, options)).rejects.toThrow(
      /^decoder_model_merged\.onnx can't be loaded/,
    );
  });
});
