import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { convertCheckpoint } from '../../../src/checkpoints/convert.js';
import {
  openCheckpointFolder,
  type CheckpointFolder,
} from '../../../src/inference/paligemma/checkpoint-folder.js';
import { PaliGemma } from '../../../src/inference/paligemma/engine.js';
import { generate, type GenerativeModel } from '../../../src/inference/paligemma/generate.js';
import { LanguageModel } from '../../../src/inference/paligemma/language-model.js';
import { MaskDecoder } from '../../../src/inference/paligemma/masks.js';
import { decodePicture } from '../../../src/inference/paligemma/picture.js';
import { resizeAsPillow } from '../../../src/inference/paligemma/pillow-resize.js';
import { pixelValues } from '../../../src/inference/paligemma/pixel-values.js';
import { PromptTokenizer } from '../../../src/inference/paligemma/tokenizer.js';
import { VisionEncoder, type ImageFeatures } from '../../../src/inference/paligemma/vision-encoder.js';
import type { Size, Task } from '../../../src/task.js';
import { fixture, readJsonFixture, TensorsFixture } from '../../support/fixtures.js';
import { relativeDifference } from '../../support/graph-model.js';

/** A tiny checkpoint of random weights and what transformers makes of it, in float32 with eager attention. */
interface Reference {
  readonly imageTokenId: number;
  readonly imageTokens: number;
  readonly cases: readonly ReferenceCase[];
}

interface ReferenceCase {
  readonly picture: string;
  readonly prompt: string;
  readonly inputIds: readonly number[];
  /** What would be said if nothing ended it. */
  readonly tokens: readonly number[];
  /** The first step that the end of the text would have won. */
  readonly stopsAt: number | null;
  /** Names of tensors: `[side, side, 3]` bytes, `[tokens, hidden]` and `[vocabulary]` floats. */
  readonly pixels: string;
  readonly features: string;
  readonly logits: string;
}

interface DecoderCase {
  readonly file: string;
  /** A PNG of what a right decoder reads, transparency included. */
  readonly truth: string;
  readonly width: number;
  readonly height: number;
  readonly exact: boolean;
  readonly note: string;
}

interface ResizingCase {
  readonly from: Size;
  readonly to: Size;
  /** Names of tensors: `[height, width, 3]` bytes. */
  readonly source: string;
  readonly resized: string;
}

/** The tasks that are put in these words. */
const TASKS = new Map<string, Task>([
  ['caption en', { kind: 'describe', language: 'en', length: 'short' }],
  ['caption fr', { kind: 'describe', language: 'fr', length: 'short' }],
  ['describe de', { kind: 'describe', language: 'de', length: 'long' }],
  ['ocr', { kind: 'ocr' }],
]);

const CHECKPOINTS = [
  'float32-two-layers',
  'bfloat16-sharded',
  'float16-one-key-head',
  'float32-one-layer',
  'bfloat16-four-layers',
];
const options = { provider: 'cpu', threads: 1 } as const;

let converted = '';

beforeAll(async () => {
  converted = await mkdtemp(join(tmpdir(), 'glimpse-fidelity-'));
});

afterAll(async () => {
  await rm(converted, { recursive: true });
});

/** The differences between two rows of numbers, which must be of one length. */
function differences(a: ArrayLike<number>, b: ArrayLike<number>): { greatest: number; mean: number } {
  expect(a.length).toBe(b.length);
  let greatest = 0;
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    greatest = Math.max(greatest, difference);
    sum += difference;
  }
  return { greatest, mean: sum / a.length };
}

/** Whether two pictures are the same to the last bit; faster than to have all bytes compared for a message. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** The pixels of a PNG over white, by the definition of alpha. */
async function onWhite(png: Uint8Array): Promise<number[]> {
  const pixels = await sharp(png).ensureAlpha().raw().toBuffer();
  const colours: number[] = [];
  for (let i = 0; i < pixels.length; i += 4) {
    const alpha = pixels[i + 3] / 255;
    for (const value of pixels.subarray(i, i + 3)) {
      colours.push(Math.round(value * alpha + 255 * (1 - alpha)));
    }
  }
  return colours;
}

/** The same model, but for the end of the text, which it never says. */
function withoutEnd(model: GenerativeModel, endTokens: readonly number[]): GenerativeModel {
  return {
    async read(ids, features) {
      const reading = await model.read(ids, features);
      return {
        get logits() {
          return reading.logits.map((score, token) => (endTokens.includes(token) ? -Infinity : score));
        },
        add: (token) => reading.add(token),
        dispose: () => {
          reading.dispose();
        },
      };
    },
  };
}

describe.each(CHECKPOINTS)('%s', (name) => {
  let reference: Reference;
  let tensors: TensorsFixture;
  let folder: CheckpointFolder;
  let tokenizer: PromptTokenizer;
  let vision: VisionEncoder;
  let language: LanguageModel;

  beforeAll(async () => {
    reference = await readJsonFixture<Reference>(`reference/${name}/reference.json`);
    tensors = await TensorsFixture.open(`reference/${name}/reference.safetensors`);
    const to = join(converted, name);
    await convertCheckpoint({ from: fixture(`reference/${name}/checkpoint`), to, dtype: 'fp32' });
    folder = await openCheckpointFolder(to);
    tokenizer = new PromptTokenizer(folder.tokenizer, folder.tokenizerConfig, folder.imageTokenId);
    vision = await VisionEncoder.open(folder.visionEncoder, options);
    language = await LanguageModel.open(folder, options);
  });

  afterAll(async () => {
    await vision.close();
    await language.close();
  });

  async function look(picture: string): Promise<ImageFeatures> {
    const decoded = await decodePicture(await readFile(fixture(`pictures/${picture}`)));
    return vision.encode(pixelValues(decoded.data, decoded, folder.preprocessing), folder.preprocessing.size);
  }

  test('the pixels are the same bytes, and reach the model as those of the processor', async () => {
    const { size } = folder.preprocessing;
    for (const { picture, pixels } of reference.cases) {
      const decoded = await decodePicture(await readFile(fixture(`pictures/${picture}`)));
      const expected = tensors.bytes(pixels);
      expect(sameBytes(resizeAsPillow(decoded.data, decoded, size), expected)).toBe(true);
      const area = size.width * size.height;
      const values = pixelValues(decoded.data, decoded, folder.preprocessing);
      const normalised = Array.from(
        values,
        (_, i) => (expected[(i % area) * 3 + Math.floor(i / area)] / 255 - 0.5) / 0.5,
      );
      expect(differences(values, normalised).greatest).toBeLessThan(1e-6);
    }
  });

  test('the prompts are the same tokens', () => {
    expect(tokenizer.imageTokenId).toBe(reference.imageTokenId);
    for (const { prompt, inputIds } of reference.cases) {
      expect(tokenizer.promptIds(reference.imageTokens, prompt)).toEqual(inputIds);
    }
  });

  test('the features of a picture are the same numbers', async () => {
    for (const { picture, features } of reference.cases) {
      const seen = await look(picture);
      expect(seen.tokens).toBe(reference.imageTokens);
      expect(relativeDifference(seen.values.data as Float32Array, tensors.floats(features))).toBeLessThan(
        1e-5,
      );
    }
  });

  test('the first scores are the same numbers, and 64 tokens follow that are the same', async () => {
    for (const { picture, inputIds, tokens, logits } of reference.cases) {
      const features = await look(picture);
      const reading = await language.read(inputIds, features);
      const said = reading.logits.subarray(0, tokenizer.imageTokenId);
      expect(relativeDifference(said, tensors.floats(logits))).toBeLessThan(1e-4);
      reading.dispose();

      const generated = await generate(withoutEnd(language, folder.endTokenIds), inputIds, features, {
        endTokens: new Set(),
        vocabularyEnd: tokenizer.imageTokenId,
        maxTokens: tokens.length,
      });
      expect(generated.tokens).toEqual(tokens);
    }
  });

  test('the answer ends where the model ends it', async () => {
    for (const { picture, inputIds, tokens, stopsAt } of reference.cases) {
      const generated = await generate(language, inputIds, await look(picture), {
        endTokens: new Set(folder.endTokenIds),
        vocabularyEnd: tokenizer.imageTokenId,
        maxTokens: tokens.length,
      });
      expect(generated.complete).toBe(stopsAt !== null);
      expect(generated.tokens).toEqual(tokens.slice(0, stopsAt ?? tokens.length));
    }
  });

  test('the engine as a whole says it, and says it again from what it remembers of the picture', async () => {
    const engine = await PaliGemma.load(join(converted, name), options);
    for (const { picture, prompt, tokens, stopsAt } of reference.cases) {
      const task = TASKS.get(prompt);
      if (task === undefined || stopsAt === null) {
        continue;
      }
      const file = await readFile(fixture(`pictures/${picture}`));
      const first = await engine.answer(file, task);
      const words = tokenizer.decode(tokens.slice(0, stopsAt)).replace(/<(?:loc|seg)\d+>/g, '');
      expect(first).toMatchObject({ text: words.trim(), timings: { tokens: stopsAt } });

      const second = await engine.answer(file, task);
      expect(second).toEqual({ ...first, timings: second.timings });
      expect(second.timings.vision).toBe(0);
    }
    await engine.close();
  });
});

test('a mask is the same numbers', async () => {
  const masks = await TensorsFixture.open('mask-decoder/masks.safetensors');
  const codes = masks.integers('indices');
  const expected = masks.floats('masks');
  const to = join(converted, 'with-masks');
  await convertCheckpoint({
    from: fixture('reference/float32-one-layer/checkpoint'),
    to,
    dtype: 'fp32',
    maskDecoder: fixture('mask-decoder/vae-oid.npz'),
  });
  const { maskDecoder } = await openCheckpointFolder(to);
  const decoder = await MaskDecoder.open(maskDecoder ?? '', options);
  for (let mask = 0; mask < 4; mask++) {
    const grid = await decoder.decode([...codes.subarray(mask * 16, (mask + 1) * 16)]);
    expect(grid).toMatchObject({ width: 64, height: 64 });
    expect(differences(grid.values, expected.subarray(mask * 4096, (mask + 1) * 4096)).greatest).toBeLessThan(
      1e-4,
    );
  }
  await decoder.close();
});

describe('pictures that try a decoder', async () => {
  const cases = await readJsonFixture<readonly DecoderCase[]>('pictures/decoder.json');

  test.each(cases)('$file: $note', async ({ file, truth, width, height, exact }) => {
    const picture = await decodePicture(await readFile(fixture(`pictures/${file}`)));
    expect(picture).toMatchObject({ width, height, firstFrameOnly: file.startsWith('animated') });
    const expected = await onWhite(await readFile(fixture(`pictures/${truth}`)));
    const { greatest, mean } = differences(picture.data, expected);
    // Where alpha is neither none nor all, rounding is the decoder's own.
    expect(exact ? greatest : 0).toBeLessThanOrEqual(1);
    // How dark ink is, is the decoder's own too: here a printing press's, in Pillow a formula's.
    expect(mean).toBeLessThan(file === 'cmyk.jpg' ? 30 : 1);
  });
});

describe("bicubic resizing is Pillow's", async () => {
  const cases = await readJsonFixture<readonly ResizingCase[]>('pillow-bicubic.json');
  const tensors = await TensorsFixture.open('pillow-bicubic.safetensors');

  test.each(cases)(
    '$from.width x $from.height to $to.width x $to.height',
    ({ from, to, source, resized }) => {
      expect(sameBytes(resizeAsPillow(tensors.bytes(source), from, to), tensors.bytes(resized))).toBe(true);
    },
  );
});
