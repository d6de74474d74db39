import { Command } from 'commander';
import type { ModelRecord } from '../../checkpoints/record.js';
import { modelFolder, readConfig } from '../../config.js';
import { UserError } from '../../errors.js';

/** `glimpse model info`: what one model is, takes and allows. */
export function infoCommand(): Command {
  return new Command('info')
    .description('tell what a model is, where it is from and what it takes')
    .argument('<model>', 'the name of one that is listed, or a folder')
    .action(async (name: string) => {
      const { inspectModel } = await import('./installed-models.js');
      const { gigabytes } = await import('../../checkpoints/disk-space.js');
      const { footprintsOf } = await import('../../inference/paligemma/footprint.js');
      const { describeCheckpoint } = await import('../../inference/paligemma/checkpoint-folder.js');
      const folder = modelFolder(name, readConfig().modelsFolder);
      const checkpoint = await describeCheckpoint(folder);
      const model = await inspectModel(folder, name);
      if (model === undefined) {
        throw new UserError(`${folder} holds no model.`);
      }
      const { width, height } = checkpoint.preprocessing.size;
      const footprints = await footprintsOf(folder);
      const lines: [string, string][] = [
        ['Folder', folder],
        ['Family', 'PaliGemma'],
        ['Pictures', `${width} x ${height} pixels, ${checkpoint.pictureTokens} tokens`],
        ['Layers', `${checkpoint.layers} in the decoder`],
        ['Outlines', checkpoint.maskDecoder === undefined ? 'no: boxes only' : 'yes'],
        ['Disk', gigabytes(model.size)],
        ...footprints.map(({ dtype, weights, workspace }): [string, string] => [
          `As ${dtype ?? model.dtypes.join(', ')}`,
          `about ${gigabytes(weights + workspace)} of memory`,
        ]),
        ...originOf(model.record),
      ];
      for (const [what, value] of lines) {
        process.stdout.write(`${`${what}:`.padEnd(12)}${value}\n`);
      }
    });
}

function originOf(record: ModelRecord | undefined): [string, string][] {
  if (record === undefined) {
    return [['From', 'not pulled: converted or put there by hand']];
  }
  const { repository, revision, pulled, dtypes } = record;
  const others = Object.entries(dtypes).filter(([, stored]) => stored.revision !== revision);
  return [
    ['From', `${repository}, ${revision}, on ${pulled.slice(0, 10)}`],
    ...others.map(([dtype, stored]): [string, string] => [
      `But ${dtype}`,
      `${stored.revision}, on ${stored.pulled.slice(0, 10)}`,
    ]),
    ['Licence', 'Gemma terms of use, https://ai.google.dev/gemma/terms'],
    ['Note', 'Google calls the mix checkpoints research models.'],
  ];
}
