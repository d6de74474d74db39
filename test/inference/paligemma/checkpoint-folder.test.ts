import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../../src/errors.js';
import { openCheckpointFolder } from '../../../src/inference/paligemma/checkpoint-folder.js';

const config = {
  model_type: 'paligemma',
  image_token_index: 257_152,
  eos_token_id: 1,
  text_config: { num_hidden_layers: 26, num_key_value_heads: 4, head_dim: 256 },
};
const preprocessor = { size: { height: 448, width: 448 }, resample: 3 };
const graphs = ['vision_encoder', 'embed_tokens', 'decoder_model_merged'];

let folder = '';
const write = (name: string, content: unknown): Promise<void> =>
  writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
const addGraphs = (...files: string[]): Promise<unknown> =>
  Promise.all(files.map((file) => write(`onnx/${file}.onnx`, '')));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glimpse-folder-'));
  await mkdir(join(folder, 'onnx'));
  await write('config.json', config);
  await write('preprocessor_config.json', preprocessor);
  await write('tokenizer.json', {});
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('what is not said has the values of PaliGemma', async () => {
  await addGraphs(...graphs);
  const checkpoint = await openCheckpointFolder(folder);
  expect(checkpoint).toMatchObject({
    preprocessing: {
      size: { width: 448, height: 448 },
      rescaleFactor: 1 / 255,
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
    },
    layers: 26,
    keyValueHeads: 4,
    headSize: 256,
    imageTokenId: 257_152,
    endTokenIds: [1],
    decoder: join(folder, 'onnx', 'decoder_model_merged.onnx'),
    maskDecoder: undefined,
  });
});

test('without its settings, pictures are squashed to the square that the vision tower takes', async () => {
  await addGraphs(...graphs);
  await rm(join(folder, 'preprocessor_config.json'));
  await write('config.json', { ...config, vision_config: { image_size: 896 } });
  const { preprocessing } = await openCheckpointFolder(folder);
  expect(preprocessing).toMatchObject({ size: { width: 896, height: 896 }, mean: [0.5, 0.5, 0.5] });
  await write('config.json', config);
  expect((await openCheckpointFolder(folder)).preprocessing.size).toEqual({ width: 224, height: 224 });
});

describe('how pictures are prepared', () => {
  const nested = { size: { width: 98, height: 98 }, image_mean: [0, 0.1, 0.2], image_std: [1, 2, 3] };

  test('is read from a processor that was saved as a whole, with another file beside it or without', async () => {
    await addGraphs(...graphs);
    await write('processor_config.json', { processor_class: 'PaliGemmaProcessor', image_processor: nested });
    const expected = { size: { width: 98, height: 98 }, mean: [0, 0.1, 0.2], std: [1, 2, 3] };
    expect((await openCheckpointFolder(folder)).preprocessing).toMatchObject(expected);
    await rm(join(folder, 'preprocessor_config.json'));
    expect((await openCheckpointFolder(folder)).preprocessing).toMatchObject(expected);
  });

  test('is not in the processor settings of older transformers, which count nothing then', async () => {
    await addGraphs(...graphs);
    await write('processor_config.json', { processor_class: 'PaliGemmaProcessor', image_seq_length: 256 });
    expect((await openCheckpointFolder(folder)).preprocessing.size).toEqual({ width: 448, height: 448 });
  });

  test('without a square is that of the vision tower', async () => {
    await addGraphs(...graphs);
    await write('processor_config.json', { image_processor: { resample: 3 } });
    expect((await openCheckpointFolder(folder)).preprocessing.size).toEqual({ width: 224, height: 224 });
  });
});

test('the room for tokens is the configured one', async () => {
  await addGraphs(...graphs);
  expect((await openCheckpointFolder(folder)).positions).toBe(8192);
  const text_config = { ...config.text_config, max_position_embeddings: 2000 };
  await write('config.json', { ...config, text_config });
  expect((await openCheckpointFolder(folder)).positions).toBe(2000);
});

test('the generation settings name the end tokens, one or several', async () => {
  await addGraphs(...graphs);
  await write('generation_config.json', { eos_token_id: [1, 107] });
  expect((await openCheckpointFolder(folder)).endTokenIds).toEqual([1, 107]);
});

describe('of several precisions', () => {
  const names = async (dtype?: 'fp32' | 'fp16' | 'q8' | 'q4'): Promise<string[]> => {
    const { visionEncoder, embedTokens, decoder } = await openCheckpointFolder(folder, dtype);
    return [visionEncoder, embedTokens, decoder].map((file) => file.slice(join(folder, 'onnx', '/').length));
  };

  test.each([
    [undefined, ['vision_encoder_fp16.onnx', 'embed_tokens.onnx', 'decoder_model_merged_quantized.onnx']],
    ['q4', ['vision_encoder_fp16.onnx', 'embed_tokens.onnx', 'decoder_model_merged_q4.onnx']],
    ['q8', ['vision_encoder_fp16.onnx', 'embed_tokens.onnx', 'decoder_model_merged_quantized.onnx']],
    ['fp16', ['vision_encoder_fp16.onnx', 'embed_tokens_fp16.onnx', 'decoder_model_merged_quantized.onnx']],
  ] as const)('%s takes the graphs that are there', async (dtype, expected) => {
    await addGraphs('vision_encoder_fp16', 'vision_encoder_q4f16', 'embed_tokens', 'embed_tokens_fp16');
    await addGraphs('decoder_model_merged_q4', 'decoder_model_merged_quantized');
    expect(await names(dtype)).toEqual(expected);
  });

  test('the mask decoder is found too', async () => {
    await addGraphs(...graphs, 'mask_decoder');
    expect((await openCheckpointFolder(folder, 'q4')).maskDecoder).toBe(
      join(folder, 'onnx', 'mask_decoder.onnx'),
    );
  });
});

describe('a folder that is no checkpoint Glimpse runs is refused in one line that names the file', () => {
  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['no configuration', () => rm(join(folder, 'config.json')), /config\.json/],
    ['no tokenizer', () => rm(join(folder, 'tokenizer.json')), /tokenizer\.json/],
    ['half a configuration', () => write('config.json', '{"model_type": "pali'), /config\.json/],
    [
      'a configuration without layers',
      () => write('config.json', { ...config, text_config: {} }),
      /num_hidden_layers/,
    ],
    ['another family', () => write('config.json', { ...config, model_type: 'llava' }), /llava/],
    [
      'another resampling',
      () => write('preprocessor_config.json', { ...preprocessor, resample: 2 }),
      /bicubic/,
    ],
    [
      'another resampling in a processor saved as a whole',
      () => write('processor_config.json', { image_processor: { resample: 2 } }),
      /^processor_config\.json .*bicubic/,
    ],
    [
      'no room for a prompt behind the picture',
      () =>
        write('config.json', {
          ...config,
          text_config: { ...config.text_config, max_position_embeddings: 784 },
        }),
      /784 tokens .* takes 784/,
    ],
    ['no graphs', () => rm(join(folder, 'onnx'), { recursive: true }), /onnx/],
    ['a graph too few', () => rm(join(folder, 'onnx/embed_tokens.onnx')), /embed_tokens/],
  ])('%s', async (_name, spoil, message) => {
    await addGraphs(...graphs);
    await spoil();
    const error: unknown = await openCheckpointFolder(folder).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(message);
    expect((error as UserError).message).not.toContain('\n');
  });
});
