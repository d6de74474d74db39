/**
 * `npm run bench:dtypes`: what each dtype costs in faithfulness, on the demo checkpoint: its logits and next tokens
 * beside those of 32-bit floats, and how well it finds objects and reads. Prints a table in Markdown.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertCheckpoint } from '../src/checkpoints/convert.js';
import { DEMO_MODEL } from '../src/config.js';
import { PaliGemma } from '../src/inference/paligemma/engine.js';
import { DTYPES, type Dtype } from '../src/task.js';
import { agreement } from './dtypes/agreement.js';
import { StepwiseModel } from './dtypes/stepwise-model.js';
import { readEvaluationSet, type EvaluationPicture } from './evaluation/evaluation-set.js';
import { Scoreboard } from './evaluation/scoreboard.js';

const STEPS = 2000;

const folder = await mkdtemp(join(tmpdir(), 'glimpse-dtypes-'));
try {
  const pictures = await readEvaluationSet(join(DEMO_MODEL, 'evaluation'));
  for (const dtype of DTYPES) {
    await convertCheckpoint({ from: DEMO_MODEL, to: folder, dtype });
  }
  process.stdout.write(
    `| dtype | logit error | same next token, of ${STEPS} | detect F1 | OCR error |\n| --- | --- | --- | --- | --- |\n`,
  );
  const exact = await StepwiseModel.open(folder, 'fp32');
  for (const dtype of DTYPES) {
    const other = await StepwiseModel.open(folder, dtype);
    const { sameToken, logitError } = await agreement(exact, other, pictures, STEPS);
    await other.close();
    const { detectF1, ocrError } = await score(dtype, pictures);
    const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
    process.stdout.write(
      `| \`${dtype}\` | ${percent(logitError)} | ${percent(sameToken)} | ${detectF1.toFixed(4)} | ${ocrError.toFixed(4)} |\n`,
    );
  }
  await exact.close();
} finally {
  await rm(folder, { recursive: true });
}

async function score(dtype: Dtype, pictures: readonly EvaluationPicture[]): Promise<Scoreboard> {
  const engine = await PaliGemma.load(folder, { dtype });
  const scoreboard = new Scoreboard();
  for (const { file, cases } of pictures) {
    const bytes = await readFile(file);
    for (const { task, expected } of cases) {
      if (task.kind === 'detect' || task.kind === 'ocr') {
        scoreboard.add(await engine.answer(bytes, task), expected);
      }
    }
  }
  await engine.close();
  return scoreboard;
}
