import { Command, InvalidArgumentError, Option } from 'commander';
import { basename } from 'node:path';
import type { PulledDtype } from '../../checkpoints/pull/plan.js';
import type { Pulled } from '../../checkpoints/pull/pull.js';
import { readConfig } from '../../config.js';
import { UserError } from '../../errors.js';
import { ProgressLine } from '../progress-line.js';
import { TransferRate } from './transfer-rate.js';

/** As `PULLED_DTYPES`, which is loaded only when something is pulled. */
const DTYPES = ['fp32', 'fp16', 'q8', 'q4', 'int8', 'uint8', 'q4f16', 'bnb4'];

/** `glimpse model pull`: from the Hugging Face Hub to a folder that Glimpse runs. */
export function pullCommand(): Command {
  return new Command('pull')
    .description('download a PaliGemma 2 from the Hugging Face Hub and make it ready')
    .argument('<repository>', 'such as google/paligemma2-3b-mix-448')
    .addOption(
      new Option(
        '--dtype <dtype>',
        'how the weights are stored: fp32, fp16, q8 or q4, or q4f16 for graphics cards; exports that are kept as they are may have others ' +
          '(default: q8, or what an export has)',
      ).argParser((text: string): PulledDtype => {
        if (!DTYPES.includes(text)) {
          throw new InvalidArgumentError(`It must be one of ${DTYPES.join(', ')}.`);
        }
        return text as PulledDtype;
      }),
    )
    .option(
      '--revision <revision>',
      'a branch, a tag or a commit of the repository (default: what it holds now)',
    )
    .action(async (repository: string, options: PullCommandOptions) => {
      await pull(repository, options);
    });
}

interface PullCommandOptions {
  readonly dtype?: PulledDtype;
  readonly revision?: string;
}

async function pull(repository: string, { dtype, revision }: PullCommandOptions): Promise<void> {
  const { modelsFolder, hub } = readConfig();
  const { pullModel } = await import('../../checkpoints/pull/pull.js');
  const { MASK_DECODER_ADDRESS } = await import('../../checkpoints/pull/mask-decoder-weights.js');
  const { PATIENCE } = await import('../../checkpoints/hub/hub.js');
  const interrupt = new AbortController();
  process.once('SIGINT', () => {
    interrupt.abort(
      new UserError('Interrupted. What has come is kept: the same command goes on from there.'),
    );
  });
  const progress = new ProgressLine();
  const rate = new TransferRate();
  try {
    const pulled = await pullModel({
      hub: { endpoint: hub.endpoint, token: hub.token, patience: PATIENCE },
      repository,
      dtype,
      revision,
      models: modelsFolder,
      maskDecoder: { address: hub.maskDecoderUrl ?? MASK_DECODER_ADDRESS },
      signal: interrupt.signal,
      onProgress: ({ stage, done, total }) => {
        progress.show(
          stage === 'downloading' ? `Downloading ${repository}` : `Converting ${repository}`,
          rate.describe(stage, done, total),
        );
      },
    });
    progress.end();
    tell(pulled, repository);
  } finally {
    progress.end();
  }
}

function tell({ folder, dtype, withoutMasks, warnings }: Pulled, repository: string): void {
  const lines = [
    `${repository} is in ${folder} as ${dtype}. To use it: MODEL=${basename(folder)}`,
    "Gemma's terms of use apply to it (https://ai.google.dev/gemma/terms), and Google calls the mix checkpoints research models.",
    ...warnings,
    ...(withoutMasks === undefined
      ? []
      : [
          `Objects will have boxes but no outlines: ${withoutMasks} The same command tries again to get the mask decoder alone.`,
        ]),
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
}
