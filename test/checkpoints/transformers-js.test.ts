import { writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { env, PaliGemmaForConditionalGeneration, Tensor } from '@huggingface/transformers';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/checkpoints/config.js';
import { convertCheckpoint } from '../../src/checkpoints/convert.js';
import { GraphModel } from '../support/graph-model.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { floatTensor, seededRandom, TINY_CONFIG, writeTinyCheckpoint } from '../support/tiny-checkpoint.js';

const COUNT = 12;
/** Sixteen image tokens, then words. */
const PROMPT = [...Array.from({ length: 16 }, () => 300), 2, 40, 17, 108];

test.each([
  ['fp32', ''],
  ['q8', '_quantized'],
  ['q4', '_q4'],
] as const)(
  'transformers.js runs a converted folder of dtype %s and writes the same',
  async (dtype, suffix) => {
    const folder = await temporaryFolder();
    const to = join(folder, 'converted');
    const random = seededRandom(3);
    // A random embedding table as the head would only repeat the last token.
    const head = floatTensor([320, 64], () => random() - 0.5);
    await writeTinyCheckpoint(join(folder, 'checkpoint'), {
      change: (tensors) => tensors.set('lm_head.weight', head),
    });
    await writeFile(join(folder, 'checkpoint', 'generation_config.json'), '{"eos_token_id": 1}');
    await convertCheckpoint({ from: join(folder, 'checkpoint'), to, dtype });

    const pixels = Float32Array.from({ length: 3 * 32 * 32 }, () => 2 * random() - 1);
    const ours = await GraphModel.open(to, parseConfig(TINY_CONFIG), suffix);
    const expected = await ours.greedy(PROMPT, pixels, COUNT);
    await ours.close();

    env.allowRemoteModels = false;
    env.localModelPath = dirname(to);
    const model = await PaliGemmaForConditionalGeneration.from_pretrained(basename(to), {
      dtype,
      device: 'cpu',
    });
    const ones = PROMPT.map(() => 1n);
    const tokens = await model.generate({
      input_ids: new Tensor('int64', PROMPT.map(BigInt), [1, PROMPT.length]),
      attention_mask: new Tensor('int64', ones, [1, PROMPT.length]),
      pixel_values: new Tensor('float32', pixels, [1, 3, 32, 32]),
      max_new_tokens: COUNT,
      do_sample: false,
    });
    await model.dispose();
    const written = [...((tokens as Tensor).data as BigInt64Array)].slice(PROMPT.length).map(Number);
    expect(written).toEqual(expected);
    expect(new Set(expected).size).toBeGreaterThan(1);
  },
);
