import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { convertCheckpoint } from '../../../src/checkpoints/convert.js';
import { pullModel, type PullOptions, type PullProgress } from '../../../src/checkpoints/pull/pull.js';
import { readRecord } from '../../../src/checkpoints/record.js';
import { DEMO_MODEL } from '../../../src/config.js';
import { UserError } from '../../../src/errors.js';
import { PaliGemma } from '../../../src/inference/paligemma/engine.js';
import { LoopbackHub, REVISION, sha256 } from '../../support/hub/loopback-hub.js';
import { asOrdinaryUser, hasPermissions } from '../../support/ordinary-user.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const NAME = 'google/demo-mix';
const EXPORT = 'somebody/demo-onnx';
const OFFICIAL = [
  'config.json',
  'generation_config.json',
  'model.safetensors',
  'preprocessor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
];

type Files = Record<string, Uint8Array>;

async function filesOf(folder: string, names: readonly string[]): Promise<Files> {
  const files: Files = {};
  for (const name of names) {
    files[name] = await readFile(join(folder, name));
  }
  return files;
}

let official: Files;
let masks: Uint8Array;
let hub: LoopbackHub;

beforeAll(async () => {
  official = await filesOf(DEMO_MODEL, OFFICIAL);
  masks = await readFile(join(DEMO_MODEL, 'vae-oid.npz'));
});

beforeEach(async () => {
  hub = await LoopbackHub.start();
  hub.addRepository(NAME, {
    ...official,
    'README.md': Buffer.from('# Model'),
    'pytorch_model.bin': Buffer.alloc(9),
  });
  hub.addRepository('big_vision/files', { 'vae-oid.npz': masks });
});

afterEach(async () => {
  expect(hub.violations).toEqual([]);
  await hub.close();
});

async function options(change: Partial<PullOptions> = {}): Promise<PullOptions> {
  const digest = { kind: 'sha256', value: sha256(masks) } as const;
  return {
    hub: hub.client(),
    repository: NAME,
    dtype: 'q8',
    models: join(await temporaryFolder(), 'models'),
    maskDecoder: {
      address: `${hub.endpoint}/big_vision/files/resolve/${REVISION}/vae-oid.npz`,
      file: { path: 'vae-oid.npz', size: masks.length, digest },
    },
    ...change,
  };
}

async function answers(folder: string): Promise<string> {
  const engine = await PaliGemma.load(folder);
  const picture = await readFile(join(DEMO_MODEL, 'samples', 'star-diamond-square.jpg'));
  const { text } = await engine.answer(picture, {
    kind: 'ask',
    question: 'What color is the square?',
    language: 'en',
  });
  await engine.close();
  return text;
}

describe('an official checkpoint', () => {
  test('becomes a folder that answers, with outlines, and says where it is from', async () => {
    const wanted = await options();
    const stages: PullProgress[] = [];
    const { folder, dtype, withoutMasks } = await pullModel({
      ...wanted,
      onProgress: (now) => stages.push(now),
    });
    expect(folder).toBe(join(wanted.models, 'demo-mix'));
    expect([dtype, withoutMasks]).toEqual(['q8', undefined]);
    expect(await readdir(wanted.models)).toEqual(['.downloads', 'demo-mix']);
    expect(await readdir(join(wanted.models, '.downloads'))).toEqual([]);
    expect(await readdir(join(folder, 'onnx'))).toContain('mask_decoder.onnx');
    expect(await readRecord(folder)).toMatchObject({ repository: NAME, revision: REVISION });
    for (const stage of ['downloading', 'converting'] as const) {
      const last = stages.filter((progress) => progress.stage === stage).at(-1);
      expect(last?.done).toBe(last?.total);
    }
    expect(hub.requests.map(({ path }) => path).join()).not.toMatch(/README|pytorch/);
    expect(await answers(folder)).toBe(await answers(DEMO_MODEL));
  });

  test('gains another dtype, and what is there already is not fetched again', async () => {
    const wanted = await options();
    const { folder } = await pullModel(wanted);
    await pullModel({ ...wanted, dtype: 'q4' });
    const graphs = await readdir(join(folder, 'onnx'));
    expect(graphs).toContain('decoder_model_merged_quantized.onnx');
    expect(graphs).toContain('decoder_model_merged_q4.onnx');
    const before = hub.requests.length;
    await pullModel(wanted);
    expect(hub.requests.slice(before).filter(({ path }) => path.includes('safetensors'))).toEqual([]);
  });

  test('without its mask decoder can be used, and gets that alone later', async () => {
    const wanted = await options();
    hub.fail('vae-oid.npz', { kind: 'status', status: 404 });
    const { folder, withoutMasks } = await pullModel(wanted);
    expect(withoutMasks).toContain('the mask decoder');
    expect(existsSync(join(folder, 'onnx', 'mask_decoder.onnx'))).toBe(false);
    const before = hub.requests.length;
    expect((await pullModel(wanted)).withoutMasks).toBeUndefined();
    expect(existsSync(join(folder, 'onnx', 'mask_decoder.onnx'))).toBe(true);
    expect(hub.requests.slice(before).filter(({ path }) => path.includes('safetensors'))).toEqual([]);
  });

  test('leaves no folder where it is interrupted while it is converted, and is not fetched again then', async () => {
    const leaving = new AbortController();
    const wanted = await options();
    const interrupted = pullModel({
      ...wanted,
      signal: leaving.signal,
      onProgress: ({ stage }) => {
        if (stage === 'converting') {
          leaving.abort(new Error('interrupted'));
        }
      },
    });
    await expect(interrupted).rejects.toThrow('interrupted');
    expect(await readdir(wanted.models)).toEqual(['.downloads']);
    const before = hub.requests.length;
    const { folder } = await pullModel(wanted);
    expect(hub.requests.slice(before).filter(({ path }) => path.includes('safetensors'))).toEqual([]);
    expect(await answers(folder)).toBe(await answers(DEMO_MODEL));
  });
});

describe('a gated repository', () => {
  beforeEach(() => {
    hub.addRepository(NAME, official, { gated: true });
  });

  test('comes with the token of an owner who has accepted the licence', async () => {
    const wanted = await options({ hub: hub.client(hub.acceptedToken) });
    expect((await pullModel(wanted)).folder).toBe(join(wanted.models, 'demo-mix'));
  });

  test('without a token names the page where the licence is accepted', async () => {
    await expect(pullModel(await options())).rejects.toThrow(
      `${NAME} may be had by those who have accepted its licence: do so on ${hub.endpoint}/${NAME}, ` +
        `make an access token on ${hub.endpoint}/settings/tokens, and set HF_TOKEN to it.`,
    );
  });

  test("with a stranger's token says whose licence is missing", async () => {
    await expect(pullModel(await options({ hub: hub.client(hub.strangersToken) }))).rejects.toThrow(
      `The owner of HF_TOKEN has not accepted the licence of ${NAME}`,
    );
  });
});

describe('a ready-made export', () => {
  beforeEach(async () => {
    const from = await temporaryFolder();
    await convertCheckpoint({ from: DEMO_MODEL, to: join(from, 'q4'), dtype: 'q4' });
    const graphs = ['vision_encoder', 'embed_tokens', 'decoder_model_merged'].flatMap((name) => [
      `onnx/${name}_q4.onnx`,
      `onnx/${name}_q4.onnx_data`,
    ]);
    hub.addRepository(EXPORT, {
      ...(await filesOf(join(from, 'q4'), [
        ...OFFICIAL.filter((name) => name !== 'model.safetensors'),
        ...graphs,
      ])),
      'onnx/decoder_model_merged_int8.onnx': Buffer.from('another'),
    });
  });

  test('is kept as it is and answers, in the best dtype that it has', async () => {
    const { folder, dtype } = await pullModel(await options({ repository: EXPORT, dtype: undefined }));
    expect(dtype).toBe('q4');
    expect((await readdir(join(folder, 'onnx'))).sort()).toEqual([
      'decoder_model_merged_q4.onnx',
      'decoder_model_merged_q4.onnx_data',
      'embed_tokens_q4.onnx',
      'embed_tokens_q4.onnx_data',
      'mask_decoder.onnx',
      'vision_encoder_q4.onnx',
      'vision_encoder_q4.onnx_data',
    ]);
    expect(await answers(folder)).toBe(await answers(DEMO_MODEL));
  });

  test('in a dtype that it has not is refused with those that it has', async () => {
    await expect(pullModel(await options({ repository: EXPORT, dtype: 'fp16' }))).rejects.toThrow(
      `${EXPORT} is not there as fp16; --dtype can be q4, int8.`,
    );
  });

  test('without a graph is refused', async () => {
    hub.addRepository(EXPORT, {
      'config.json': official['config.json'],
      'onnx/model.onnx': Buffer.from('x'),
    });
    await expect(pullModel(await options({ repository: EXPORT }))).rejects.toThrow('none of a PaliGemma');
  });
});

describe('is refused in a sentence before anything large comes:', () => {
  const weightsWereAskedFor = (): boolean => hub.requests.some(({ path }) => path.includes('safetensors'));

  test('a model of another family', async () => {
    const config = Buffer.from(JSON.stringify({ model_type: 'llama' }));
    hub.addRepository(NAME, { ...official, 'config.json': config });
    await expect(pullModel(await options())).rejects.toThrow(`${NAME} is no PaliGemma 2, but llama.`);
    expect(weightsWereAskedFor()).toBe(false);
  });

  test('the first PaliGemma', async () => {
    const config = Buffer.from(
      JSON.stringify({ model_type: 'paligemma', text_config: { model_type: 'gemma' } }),
    );
    hub.addRepository(NAME, { ...official, 'config.json': config });
    await expect(pullModel(await options())).rejects.toThrow('is no PaliGemma 2, but paligemma with gemma.');
  });

  test('a repository without weights', async () => {
    hub.addRepository(NAME, { 'config.json': official['config.json'] });
    await expect(pullModel(await options())).rejects.toThrow('has no weights');
  });

  test('a disk that is too full for the download and what is made of it', async () => {
    const wanted = await options({ free: () => Promise.resolve(official['model.safetensors'].length * 1.2) });
    await expect(pullModel(wanted)).rejects.toThrow(
      /The disk is too full: the model takes .* GB, .* GB are free/,
    );
    expect(weightsWereAskedFor()).toBe(false);
  });

  test('a folder that holds another model of that name', async () => {
    const wanted = await options();
    await convertCheckpoint({ from: DEMO_MODEL, to: join(wanted.models, 'demo-mix'), dtype: 'fp32' });
    await expect(pullModel(wanted)).rejects.toThrow(
      'holds a model that was not pulled: remove or rename it first',
    );
  });

  test('a dtype that our converter does not write', async () => {
    await expect(pullModel(await options({ dtype: 'bnb4' }))).rejects.toThrow(
      '--dtype must be one of fp32, fp16, q8, q4',
    );
  });
});

test.each([
  ['ENOSPC', 'the disk is full'],
  ['EACCES', 'it may not be written to'],
])('a disk that says %s while something is written there is told in a sentence', async (code, reason) => {
  const wanted = await options({ free: () => Promise.reject(Object.assign(new Error(code), { code })) });
  const pulled = pullModel(wanted);
  await expect(pulled).rejects.toBeInstanceOf(UserError);
  await expect(pulled).rejects.toThrow(`${wanted.models} can't be filled: ${reason}.`);
});

test.runIf(hasPermissions)("a models' folder of another user is told in a sentence", async () => {
  const wanted = await options();
  await mkdir(wanted.models, { mode: 0o555 });
  await chmod(dirname(wanted.models), 0o755);
  const pulled = asOrdinaryUser(() => pullModel(wanted));
  await expect(pulled).rejects.toBeInstanceOf(UserError);
  await expect(pulled).rejects.toThrow(`${wanted.models} can't be filled: it may not be written to.`);
});
