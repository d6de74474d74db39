import { access, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/checkpoints/config.js';
import {
  convertCheckpoint,
  type ConvertOptions,
  type ConvertProgress,
} from '../../src/checkpoints/convert.js';
import type { Dtype } from '../../src/task.js';
import { GraphModel } from '../support/graph-model.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { floatTensor, TINY_CONFIG, TINY_TOKENS, writeTinyCheckpoint } from '../support/tiny-checkpoint.js';

async function places(
  options?: Parameters<typeof writeTinyCheckpoint>[1],
): Promise<{ from: string; to: string }> {
  const folder = await temporaryFolder();
  const from = join(folder, 'checkpoint');
  await writeTinyCheckpoint(from, options);
  return { from, to: join(folder, 'converted') };
}

/** A graph of the decoder for each kind of memory that its cache may lie in; half floats are for cards alone. */
const graphFiles = (suffix: string): string[] =>
  [
    ...(suffix === '_q4f16' ? [] : [`decoder_appended_cache${suffix}.onnx`]),
    `decoder_split_cache${suffix}.onnx`,
    ...['decoder_model_merged', 'embed_tokens', 'vision_encoder'].flatMap((name) => [
      `${name}${suffix}.onnx`,
      `${name}${suffix}.onnx_data`,
    ]),
  ].sort();

const partials = async (to: string): Promise<string[]> =>
  (await readdir(join(to, '..'))).filter((name) => name.includes('.partial'));

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

test('writes settings and graphs under the names of transformers.js', async () => {
  const { from, to } = await places();
  await writeFile(join(from, 'preprocessor_config.json'), '{}');
  await writeFile(join(from, 'README.md'), 'not wanted');
  await convertCheckpoint({ from, to, dtype: 'fp32' });
  expect((await readdir(to)).sort()).toEqual([
    'config.json',
    'onnx',
    'preprocessor_config.json',
    'tokenizer.json',
  ]);
  expect((await readdir(join(to, 'onnx'))).sort()).toEqual(graphFiles(''));
  expect(await readFile(join(to, 'config.json'), 'utf8')).toBe(JSON.stringify(TINY_CONFIG));
});

test('adds one dtype after another to the same folder', async () => {
  const { from, to } = await places();
  const suffixes: [Dtype, string][] = [
    ['q4', '_q4'],
    ['q8', '_quantized'],
    ['fp16', '_fp16'],
    ['q4f16', '_q4f16'],
  ];
  for (const [dtype] of suffixes) {
    await convertCheckpoint({ from, to, dtype });
  }
  await convertCheckpoint({ from, to, dtype: 'q4' });
  const expected = suffixes.flatMap(([, suffix]) => graphFiles(suffix));
  expect((await readdir(join(to, 'onnx'))).sort()).toEqual(expected.sort());
  expect(await partials(to)).toEqual([]);
});

test('in place, only onnx/ is added, also where the folder is a link', async () => {
  const { from } = await places();
  const before = await readdir(from);
  const link = `${from}-link`;
  await symlink(from, link);
  await convertCheckpoint({ from, to: link, dtype: 'fp32' });
  expect((await readdir(from)).sort()).toEqual([...before, 'onnx'].sort());
});

test('tells how far it is, up to the last byte', async () => {
  const { from, to } = await places();
  const seen: ConvertProgress[] = [];
  await convertCheckpoint({ from, to, dtype: 'q4', onProgress: (progress) => seen.push(progress) });
  expect([...new Set(seen.map(({ stage }) => stage))]).toEqual([
    'vision_encoder_q4.onnx',
    'embed_tokens_q4.onnx',
    'decoder_model_merged_q4.onnx',
  ]);
  expect(seen.map(({ done }) => done)).toEqual(seen.map(({ done }) => done).sort((a, b) => a - b));
  expect(seen.at(-1)?.done).toBe(seen.at(-1)?.total);
});

test('an aborted conversion leaves nothing', async () => {
  const { from, to } = await places();
  const stop = new AbortController();
  const onProgress = ({ stage }: ConvertProgress): void => {
    if (stage.startsWith('decoder')) {
      stop.abort(new Error('enough'));
    }
  };
  await expect(
    convertCheckpoint({ from, to, dtype: 'fp32', signal: stop.signal, onProgress }),
  ).rejects.toThrow('enough');
  expect(await isThere(to)).toBe(false);
  expect(await partials(to)).toEqual([]);
});

test('an aborted second conversion leaves the first as it was', async () => {
  const { from, to } = await places();
  await convertCheckpoint({ from, to, dtype: 'fp32' });
  const stop = new AbortController();
  const onProgress = (): void => {
    stop.abort();
  };
  await expect(
    convertCheckpoint({ from, to, dtype: 'fp16', signal: stop.signal, onProgress }),
  ).rejects.toThrow();
  expect((await readdir(join(to, 'onnx'))).sort()).toEqual(graphFiles(''));
});

test('what a killed conversion left behind is taken away', async () => {
  const { from, to } = await places();
  await mkdir(join(`${to}.partial-999999999`, 'onnx'), { recursive: true });
  await writeFile(join(`${to}.partial-999999999`, 'onnx', 'vision_encoder_q4.onnx'), 'half');
  await convertCheckpoint({ from, to, dtype: 'fp32' });
  expect(await partials(to)).toEqual([]);
  expect((await readdir(join(to, 'onnx'))).sort()).toEqual(graphFiles(''));
});

test.each<[string, (to: string) => Promise<Partial<ConvertOptions> | undefined>, RegExp]>([
  [
    'another model is there',
    async (to) => {
      await mkdir(to);
      await writeFile(join(to, 'config.json'), '{}');
      return undefined;
    },
    /holds another model/,
  ],
  [
    'a file stands in the way',
    async (to) => {
      await writeFile(to, '');
      return undefined;
    },
    /can't be filled: it is not a folder/,
  ],
  [
    'the mask decoder is something else',
    async (to) => {
      await writeFile(`${to}.npz`, 'no archive');
      return { maskDecoder: `${to}.npz` };
    },
    /can't be read as a \.npz archive/,
  ],
])('refuses to write where %s', async (_, prepare, message) => {
  const { from, to } = await places();
  const options = await prepare(to);
  const failure: unknown = await convertCheckpoint({ from, to, dtype: 'fp32', ...options }).catch(
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ name: 'UserError', message: expect.stringMatching(message) as string });
  expect(await partials(to)).toEqual([]);
});

test('rows that only pad the embedding table can never win', async () => {
  const { from, to } = await places({
    change: (tensors) => {
      const table = tensors.get('language_model.embed_tokens.weight');
      const values = new Float32Array(table?.bytes.buffer as ArrayBuffer);
      tensors.set(
        'language_model.embed_tokens.weight',
        floatTensor([320, 64], (index) => (index >= TINY_TOKENS * 64 ? 1000 : values[index])),
      );
    },
  });
  await convertCheckpoint({ from, to, dtype: 'fp32' });
  const model = await GraphModel.open(to, parseConfig(TINY_CONFIG));
  const { logits } = await model.decode(await model.embed([2, 5, 8]));
  expect(logits).toHaveLength(TINY_TOKENS);
  await model.close();
});
