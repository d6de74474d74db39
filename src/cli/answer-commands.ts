import { Command, InvalidArgumentError, Option } from 'commander';
import { modelFolder, readConfig, type Config } from '../config.js';
import { UserError } from '../errors.js';
import { modelLanguageOfTag } from '../locales/language-tags.js';
import { openInference } from './open-inference.js';
import { LANGUAGES, splitObjects, type Answer, type Language, type Task } from '../task.js';
import { answerAsJson, answerAsText } from './answer-report.js';
import { defaultOutputPath, mediaTypeOf, readPictureFile, tryToWrite } from './picture-file.js';
import { ProgressLine } from './progress-line.js';

interface AnswerOptions {
  readonly model?: string;
  readonly out?: string;
  readonly json?: boolean;
}

interface LanguageOptions extends AnswerOptions {
  readonly language: Language;
}

/** The five commands that answer about one picture. */
export function answerCommands(): Command[] {
  return [
    answerCommand('describe', 'say what a picture shows')
      .addOption(languageOption())
      .option('--long', 'a longer description')
      .action((picture: string, options: LanguageOptions & { long?: boolean }) =>
        run(picture, options, {
          kind: 'describe',
          language: options.language,
          length: options.long === true ? 'long' : 'short',
        }),
      ),
    answerCommand('ocr', 'read the text in a picture').action((picture: string, options: AnswerOptions) =>
      run(picture, options, { kind: 'ocr' }),
    ),
    answerCommand('ask', 'answer a question about a picture')
      .argument('<question...>', 'what you want to know')
      .addOption(languageOption())
      .action((picture: string, question: string[], options: LanguageOptions) =>
        run(picture, options, { kind: 'ask', question: question.join(' '), language: options.language }),
      ),
    answerCommand('detect', 'find objects and draw boxes around them')
      .argument('<objects...>', 'what to find; several are separated by ";"')
      .action((picture: string, objects: string[], options: AnswerOptions) =>
        run(picture, options, { kind: 'detect', objects: splitObjects(objects.join(' ')) }),
      ),
    answerCommand('segment', 'find objects and draw their outlines')
      .argument('<objects...>', 'what to find; several are separated by ";"')
      .action((picture: string, objects: string[], options: AnswerOptions) =>
        run(picture, options, { kind: 'segment', objects: splitObjects(objects.join(' ')) }),
      ),
  ];
}

function answerCommand(name: Task['kind'], summary: string): Command {
  return new Command(name)
    .description(summary)
    .argument('<picture>', 'a PNG, JPEG, WebP, GIF or AVIF file')
    .option('--model <folder>', 'the checkpoint to ask (default: the setting MODEL, or the demo)')
    .option('--out <file>', 'where the annotated picture goes, .png or .jpg (default: PICTURE-TASK.png)')
    .option('--json', 'print the answer as one JSON object');
}

function languageOption(): Option {
  return new Option('--language <code>', `the language of the answer: ${LANGUAGES.join(' ')}`)
    .default('en')
    .argParser((code: string): Language => {
      const language = modelLanguageOfTag(code);
      if (language === undefined) {
        throw new InvalidArgumentError(`The model does not speak "${code}".`);
      }
      return language;
    });
}

async function run(picturePath: string, options: AnswerOptions, task: Task): Promise<void> {
  const outputPath = options.out ?? defaultOutputPath(picturePath, task);
  const mediaType = mediaTypeOf(outputPath);
  const config = withModel(readConfig(), options.model);
  const picture = await readPictureFile(picturePath);

  const progress = new ProgressLine();
  progress.show('Loading the model');
  try {
    const inference = await openInference(config, { mediaType });
    try {
      const answer = await inference.submit(
        { picture, task },
        {
          onProgress: (now) => {
            if (now.stage !== 'waiting') {
              progress.show(now.stage === 'looking' ? 'Looking at the picture' : 'Answering', now.text);
            }
          },
        },
      );
      progress.end();
      await tell(answer, outputPath, options.json === true);
    } finally {
      await inference.close();
    }
  } finally {
    progress.end();
  }
}

/** The words come first: they are not lost where the picture can't be written. */
async function tell(answer: Answer, outputPath: string, json: boolean): Promise<void> {
  const { picture } = answer;
  if (!json) {
    process.stdout.write(`${answerAsText(answer)}\n`);
  }
  const refusal = picture === undefined ? undefined : await tryToWrite(outputPath, picture);
  const isWritten = picture !== undefined && refusal === undefined;
  if (isWritten) {
    process.stderr.write(`The annotated picture is in ${outputPath}\n`);
  }
  if (json) {
    // It names the picture's file, and only one that is there.
    process.stdout.write(`${await answerAsJson(answer, isWritten ? outputPath : undefined)}\n`);
  }
  if (refusal !== undefined) {
    throw refusal;
  }
}

function withModel(config: Config, model: string | undefined): Config {
  if (model === '') {
    throw new UserError('--model needs the path of a checkpoint folder.');
  }
  return model === undefined ? config : { ...config, model: modelFolder(model, config.modelsFolder) };
}
