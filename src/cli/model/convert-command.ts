import { Command, Option } from 'commander';
import { UserError } from '../../errors.js';
import { DTYPES, type Dtype } from '../../task.js';
import { ProgressLine } from '../progress-line.js';

/** `glimpse model convert`: an official checkpoint on the disk into ONNX graphs. */
export function convertCommand(): Command {
  return new Command('convert')
    .description('turn a Hugging Face PaliGemma 2 checkpoint into a folder that Glimpse runs')
    .argument('<folder>', 'the checkpoint: config.json, tokenizer.json, .safetensors files')
    .requiredOption('--out <folder>', 'where the result goes; the same folder adds onnx/ to it')
    .addOption(
      new Option('--dtype <dtype>', 'how the weights are stored: smaller is faster and less exact')
        .choices(DTYPES)
        .default('fp32'),
    )
    .action(async (from: string, { out, dtype }: { out: string; dtype: Dtype }) => {
      const { convertCheckpoint } = await import('../../checkpoints/convert.js');
      const interrupt = new AbortController();
      process.once('SIGINT', () => {
        interrupt.abort(new UserError('The conversion was interrupted; nothing of it is left behind.'));
      });
      const progress = new ProgressLine();
      const warnings: string[] = [];
      try {
        await convertCheckpoint({
          from,
          to: out,
          dtype,
          signal: interrupt.signal,
          onWarning: (sentence) => warnings.push(sentence),
          onProgress: ({ stage, done, total }) => {
            progress.show(`Converting ${stage}`, `${Math.floor((100 * done) / total)} %`);
          },
        });
      } finally {
        progress.end();
      }
      process.stderr.write(`${[`The converted checkpoint is in ${out}`, ...warnings].join('\n')}\n`);
    });
}
