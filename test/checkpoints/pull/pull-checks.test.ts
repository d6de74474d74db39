import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { pullModel, type PullProgress } from '../../../src/checkpoints/pull/pull.js';
import { UserError } from '../../../src/errors.js';
import { NAME, officialFiles, pullOptions, type Files } from '../../support/hub/demo-repository.js';
import { LoopbackHub } from '../../support/hub/loopback-hub.js';
import { floatTensor, safetensors } from '../../support/tiny-checkpoint.js';

/** More of the weights than their header takes. Bytes. */
const LARGE = 1 << 20;

let official: Files;
let hub: LoopbackHub;

beforeAll(async () => {
  official = await officialFiles();
});

beforeEach(async () => {
  hub = await LoopbackHub.start();
});

afterEach(async () => {
  expect(hub.violations).toEqual([]);
  await hub.close();
});

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

function config(change: object): Uint8Array {
  return json({ ...(JSON.parse(Buffer.from(official['config.json']).toString()) as object), ...change });
}

function without(...names: string[]): Files {
  return Object.fromEntries(Object.entries(official).filter(([name]) => !names.includes(name)));
}

const weights = (): Uint8Array => official['model.safetensors'];

/** The header of the demo's weights with other words in it, before as many bytes as it speaks of. */
function renamed(from: RegExp, to: string): Uint8Array {
  const bytes = Buffer.from(weights());
  const length = Number(bytes.readBigUInt64LE(0));
  const header = Buffer.from(
    bytes
      .subarray(8, 8 + length)
      .toString()
      .replaceAll(from, to),
  );
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([prefix, header, bytes.subarray(8 + length)]);
}

/** Bytes of weights that were asked for, by the ranges that came with it. */
function askedFor(): number {
  return hub.requests
    .filter(({ host, path }) => host === 'storage' && path.includes('safetensors'))
    .reduce((sum, { range }) => {
      const [first, last] = /(\d+)-(\d+)/
        .exec(range ?? '')
        ?.slice(1)
        .map(Number) ?? [0, Infinity];
      return sum + last - first + 1;
    }, 0);
}

test.each<[string, () => Files, RegExp]>([
  [
    'no tokenizer',
    () => without('tokenizer.json'),
    /^google\/demo-mix has no tokenizer\.json, without which/,
  ],
  [
    'a tokenizer that is none',
    () => ({ ...official, 'tokenizer.json': json({ model: {} }) }),
    /tokenizer\.json can't be understood/,
  ],
  [
    'weights in several files without an index',
    () => ({
      ...without('model.safetensors'),
      'model-00001-of-00002.safetensors': weights(),
      'model-00002-of-00002.safetensors': weights(),
    }),
    /^google\/demo-mix has its weights in 2 files, but no model\.safetensors\.index\.json/,
  ],
  [
    'an index that names a file that is not there',
    () => ({
      ...without('model.safetensors'),
      'model-00001-of-00002.safetensors': weights(),
      'model.safetensors.index.json': json({
        weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' },
      }),
    }),
    /incomplete: model-00002-of-00002\.safetensors, which .* names, is not there/,
  ],
  [
    'weights of another name alone',
    () => ({ ...without('model.safetensors'), 'model.fp16.safetensors': weights() }),
    /has no model\.safetensors, but model\.fp16\.safetensors\./,
  ],
  [
    'a LoRA adapter',
    () => ({
      'adapter_config.json': json({
        peft_type: 'LORA',
        base_model_name_or_path: 'google/paligemma2-3b-pt-224',
      }),
      'adapter_model.safetensors': weights(),
      'tokenizer.json': official['tokenizer.json'],
    }),
    /^google\/demo-mix is a LoRA adapter of google\/paligemma2-3b-pt-224, not a whole model: merge the two/,
  ],
  [
    'an adapter beside the configuration of its base, of which it says nothing fit to print',
    () => ({
      ...without('model.safetensors'),
      'adapter_config.json': json({ peft_type: 'IA3', base_model_name_or_path: '\u001b[2Jx' }),
      'adapter_model.safetensors': weights(),
    }),
    /is an adapter of another model, not a whole model/,
  ],
  [
    'an adapter without its settings',
    () => ({ ...without('model.safetensors'), 'adapter_model.bin': weights() }),
    /is a LoRA adapter of another model/,
  ],
  [
    'weights that are quantised already',
    () => ({ ...official, 'config.json': config({ quantization_config: { quant_method: 'bitsandbytes' } }) }),
    /quantised already \(bitsandbytes\): take the model that it was made from/,
  ],
  [
    'weights in integers',
    () => ({ ...official, 'model.safetensors': renamed(/"dtype":"(?:F32|BF16|F16)"/g, '"dtype":"U8"') }),
    /is stored as U8 instead of F32, F16 or BF16/,
  ],
  [
    'tensors of other names',
    () => ({
      ...official,
      'model.safetensors': renamed(/"(?:model\.)?language_model\./g, '"base_model.model.'),
    }),
    /The checkpoint's tensors are not those of its config\.json: base_model\.model\..* is unknown/,
  ],
  [
    'tensors of other shapes',
    () => ({
      ...official,
      'model.safetensors': safetensors(new Map([['lm_head.weight', floatTensor([9000, 9], () => 1)]])),
    }),
    /has the shape \[9000, 9\] instead of/,
  ],
  [
    'weights that are no safetensors file',
    () => ({ ...official, 'model.safetensors': Buffer.alloc(LARGE * 2, 255) }),
    /model\.safetensors is no safetensors file/,
  ],
  ['a config.json that is no JSON', () => ({ ...official, 'config.json': Buffer.from('{') }), /is no JSON/],
  [
    'a shape that our graphs do not know',
    () => ({ ...official, 'config.json': config({ vision_config: { model_type: 'clip_vision_model' } }) }),
    /config\.json can't be used/,
  ],
])('before anything large comes, %s is told in a sentence', async (_name, files, sentence) => {
  hub.addRepository(NAME, files());
  const error: unknown = await pullModel(await pullOptions(hub)).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(UserError);
  expect(error).toMatchObject({ message: expect.stringMatching(sentence) as string });
  expect(String(error)).not.toContain('.downloads');
  expect(askedFor()).toBeLessThan(LARGE);
});

test('weights that lie beside those of the model are left where they are', async () => {
  hub.addRepository(NAME, {
    ...official,
    'adapter_config.json': json({ base_model_name_or_path: 'somebody/else' }),
    'adapter_model.safetensors': Buffer.alloc(100_000),
    'consolidated.safetensors': Buffer.alloc(100_000),
  });
  await pullModel(await pullOptions(hub));
  expect(hub.rangesOf('adapter_model.safetensors')).toEqual([]);
  expect(hub.rangesOf('consolidated.safetensors')).toEqual([]);
});

test('after an interruption room is asked for only for what is still missing', async () => {
  hub.addRepository(NAME, official);
  const wanted = await pullOptions(hub);
  const leaving = new AbortController();
  const onProgress = ({ stage }: PullProgress): void => {
    if (stage === 'converting') {
      leaving.abort(new Error('interrupted'));
    }
  };
  await expect(pullModel({ ...wanted, signal: leaving.signal, onProgress })).rejects.toThrow('interrupted');
  // All has come: for the conversion to 8 bits there is room, for another download there is not.
  const free = (): Promise<number> => Promise.resolve(weights().length * 0.7);
  await expect(pullModel({ ...wanted, free })).resolves.toMatchObject({ dtype: 'q8' });
});
