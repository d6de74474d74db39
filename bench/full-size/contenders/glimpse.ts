import { readFile } from 'node:fs/promises';
import { openCheckpointFolder } from '../../../src/inference/paligemma/checkpoint-folder.js';
import { generate, type Generated } from '../../../src/inference/paligemma/generate.js';
import { LanguageModel, takesFeaturesOnCard } from '../../../src/inference/paligemma/language-model.js';
import { decodePicture } from '../../../src/inference/paligemma/picture.js';
import { pixelValues } from '../../../src/inference/paligemma/pixel-values.js';
import { PromptTokenizer } from '../../../src/inference/paligemma/tokenizer.js';
import { VisionEncoder, type ImageFeatures } from '../../../src/inference/paligemma/vision-encoder.js';
import type { Dtype, Provider } from '../../../src/task.js';
import { peakMemory, QUESTION, type ContenderFigures } from './figures.js';

/**
 * Glimpse's engine, its parts called one after another as `PaliGemma.answer` calls them, but for a fixed number of
 * tokens: a model of random weights repeats itself, where the engine would rightly stop.
 */
const [folder, picture, tokens, dtype = 'q4', provider = 'cpu'] = process.argv.slice(2);

const started = performance.now();
const options = { provider: provider as Provider };
const checkpoint = await openCheckpointFolder(folder, dtype as Dtype);
const tokenizer = new PromptTokenizer(
  checkpoint.tokenizer,
  checkpoint.tokenizerConfig,
  checkpoint.imageTokenId,
);
const vision = await VisionEncoder.open(checkpoint.visionEncoder, {
  ...options,
  keepFeatures: takesFeaturesOnCard(checkpoint, options),
});
const language = await LanguageModel.open(checkpoint, options);
const load = performance.now() - started;

if (provider !== 'cpu') {
  // The first picture compiles a card's programs, which an owner waits for once.
  await answer(await look(), QUESTION, 2);
}

const asked = performance.now();
const features = await look();
const first = await answer(features, QUESTION);
const again = await answer(features, `${QUESTION} now`);

const figures: ContenderFigures = {
  load,
  firstToken: first.firstTokenAt - asked,
  answer: first.endedAt - asked,
  tokens: first.generated.tokens.length,
  said: first.generated.tokens,
  firstTokenAgain: again.firstTokenAt - again.startedAt,
  peakMemory: peakMemory(),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exit();

async function look(): Promise<ImageFeatures> {
  const { data, ...size } = await decodePicture(await readFile(picture));
  const pixels = pixelValues(data, size, checkpoint.preprocessing);
  return vision.encode(pixels, checkpoint.preprocessing.size);
}

async function answer(
  seen: ImageFeatures,
  question: string,
  count = Number(tokens),
): Promise<{ startedAt: number; firstTokenAt: number; endedAt: number; generated: Generated }> {
  const startedAt = performance.now();
  let firstTokenAt = 0;
  const generated = await generate(
    language,
    tokenizer.promptIds(seen.tokens, `answer en ${question}`),
    seen,
    {
      endTokens: new Set(),
      vocabularyEnd: tokenizer.imageTokenId,
      maxTokens: count,
      onToken: () => {
        firstTokenAt ||= performance.now();
        return undefined;
      },
    },
  );
  return { startedAt, firstTokenAt, endedAt: performance.now(), generated };
}
