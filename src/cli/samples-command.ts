import { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { DEMO_MODEL, readConfig } from '../config.js';
import type { Task } from '../task.js';
import { answerAsText } from './answer-report.js';
import { tellChoice } from './chosen-model.js';
import { openInference } from './open-inference.js';
import { readPictureFile, tryToMakeFolder, tryToWrite } from './picture-file.js';

/** One sample picture and the tasks that show it well, as in `models/demo/samples/samples.json`. */
interface Sample {
  readonly file: string;
  readonly tasks: readonly Task[];
}

const SAMPLES = join(DEMO_MODEL, 'samples');

/** `glimpse samples`: all five tasks on the pictures that come with Glimpse. */
export function samplesCommand(): Command {
  return new Command('samples')
    .description('try all five tasks on the sample pictures')
    .option('--out <folder>', 'where the annotated pictures go', 'answers')
    .action(async ({ out }: { out: string }) => {
      await showSamples(out);
    });
}

/** Asks all tasks about the sample pictures, prints the answers and writes the annotated pictures to `out`. */
async function showSamples(out: string): Promise<void> {
  const samples = JSON.parse(await readFile(join(SAMPLES, 'samples.json'), 'utf8')) as Sample[];
  let refusal = await tryToMakeFolder(out);
  const inference = await openInference(readConfig(), { onChoice: tellChoice });
  try {
    for (const { file, tasks } of samples) {
      const picture = await readPictureFile(join(SAMPLES, file));
      for (const task of tasks) {
        const answer = await inference.submit({ picture, task });
        process.stdout.write(`\n> ${commandLine(file, task)}\n${answerAsText(answer)}\n`);
        // Where one can't be written, none can: the words go on.
        if (answer.picture !== undefined && refusal === undefined) {
          const path = join(out, `${basename(file, extname(file))}-${task.kind}.png`);
          refusal = await tryToWrite(path, answer.picture);
          process.stdout.write(refusal === undefined ? `(drawn in ${path})\n` : '');
        }
      }
    }
  } finally {
    await inference.close();
  }
  if (refusal !== undefined) {
    throw refusal;
  }
}

/** The command that asks the same, as a person would type it. */
function commandLine(file: string, task: Task): string {
  switch (task.kind) {
    case 'describe':
      return `glimpse describe ${file} --language ${task.language}${task.length === 'long' ? ' --long' : ''}`;
    case 'ocr':
      return `glimpse ocr ${file}`;
    case 'ask':
      return `glimpse ask ${file} "${task.question}"`;
    case 'detect':
    case 'segment':
      return `glimpse ${task.kind} ${file} "${task.objects.join(' ; ')}"`;
  }
}
