/**
 * `npm run evaluate`: the demo checkpoint on the 500 pictures of models/demo/evaluation, through the engine.
 * Prints a table in Markdown. `npm run evaluate -- FOLDER [DTYPE]` evaluates another folder with the same words.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEMO_MODEL } from '../src/config.js';
import { PaliGemma } from '../src/inference/paligemma/engine.js';
import { DTYPES, type Answer } from '../src/task.js';
import { readEvaluationSet } from './evaluation/evaluation-set.js';
import { Scoreboard } from './evaluation/scoreboard.js';

const [folder = DEMO_MODEL, dtypeName] = process.argv.slice(2);
const dtype = DTYPES.find((known) => known === dtypeName);

const engine = await PaliGemma.load(folder, { dtype });
const pictures = await readEvaluationSet(join(DEMO_MODEL, 'evaluation'));
const scoreboard = new Scoreboard();
const started = performance.now();
let answers = 0;
for (const [index, { file, cases }] of pictures.entries()) {
  const bytes = await readFile(file);
  for (const { task, expected } of cases) {
    const answer: Answer = await engine.answer(bytes, task);
    scoreboard.add(answer, expected);
    answers += 1;
  }
  if (index % 50 === 49) {
    process.stderr.write(`${index + 1} of ${pictures.length} pictures\n`);
  }
}
await engine.close();

const seconds = (performance.now() - started) / 1000;
process.stdout.write(`${scoreboard.table()}\n`);
process.stderr.write(`${answers} answers about ${pictures.length} pictures in ${seconds.toFixed(0)} s\n`);
