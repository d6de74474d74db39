import { Command } from 'commander';
import { resolve } from 'node:path';
import { readConfig } from '../../config.js';

/** `glimpse model list`: what there is to choose from. */
export function listCommand(): Command {
  return new Command('list').description('list the models that are there').action(async () => {
    const { installedModels } = await import('./installed-models.js');
    const { gigabytes } = await import('../../checkpoints/disk-space.js');
    const { model, modelsFolder } = readConfig();
    const rows = (await installedModels(modelsFolder)).map(({ name, folder, dtypes, size, record }) => [
      resolve(folder) === resolve(model) ? '*' : ' ',
      name,
      dtypes.join(', '),
      gigabytes(size),
      record === undefined ? 'put there by hand' : `${record.repository} of ${record.pulled.slice(0, 10)}`,
    ]);
    const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column].length)));
    for (const row of rows) {
      const line = row.map((cell, column) => cell.padEnd(widths[column])).join('  ');
      process.stdout.write(`${line.trimEnd()}\n`);
    }
    process.stderr.write(`* is the one that MODEL names; they are in ${modelsFolder}\n`);
  });
}
