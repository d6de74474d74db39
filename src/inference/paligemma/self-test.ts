import { SessionError } from '../session-error.js';
import type { EngineParts } from './engine.js';
import { toFloat32 } from './float16.js';
import { generate } from './generate.js';
import { decodePicture } from './picture.js';
import { pixelValues } from './pixel-values.js';
import { floatDataOf } from './sessions.js';

/** A picture of one grey pixel, as PNG. */
const ONE_PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAACklEQVQImWNoAAAAggCByxOyYQAAAABJRU5ErkJggg==',
  'base64',
);

/** Of an outline: what it says does not matter. */
const MASK_WORDS = new Array<number>(16).fill(0);

/**
 * Has the model say two words to a prompt with one blank place instead of a picture: no longer than three or four tokens
 * of an answer take.
 *
 * @throws {SessionError} it can't, or says nothing that is a number
 */
export async function testWords({ tokenizer, languageModel, maskDecoder }: EngineParts): Promise<void> {
  const blank = await languageModel.blankPlace();
  await generate(languageModel, tokenizer.promptIds(blank.tokens, 'ocr'), blank, {
    endTokens: new Set(),
    vocabularyEnd: tokenizer.imageTokenId,
    maxTokens: 2,
  });
  await maskDecoder?.decode(MASK_WORDS);
}

/**
 * Has the model look at a picture of one pixel: as long as it looks at any picture. What it sees can't be read where it
 * stays on a graphics card; there, where a prompt takes no time, the decoder has to read it.
 *
 * @throws {SessionError} it can't, or sees what is no number
 */
export async function testSight({
  preprocessing,
  tokenizer,
  visionEncoder,
  languageModel,
}: EngineParts): Promise<void> {
  const { data, width, height } = await decodePicture(ONE_PIXEL);
  const pixels = pixelValues(data, { width, height }, preprocessing);
  const features = await visionEncoder.encode(pixels, preprocessing.size);
  const { values } = features;
  if (values.location !== 'cpu') {
    await generate(languageModel, tokenizer.promptIds(features.tokens, 'ocr'), features, {
      endTokens: new Set(),
      vocabularyEnd: tokenizer.imageTokenId,
      maxTokens: 1,
    });
    values.dispose();
  } else if (!toFloat32(floatDataOf(values)).every(Number.isFinite)) {
    throw new SessionError(
      'The vision encoder gives no numbers; its precision is too low for this checkpoint.',
    );
  }
}
