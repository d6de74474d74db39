import { Command } from 'commander';
import { lstat, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { DEMO_MODEL, readConfig } from '../../config.js';
import { UserError } from '../../errors.js';
import { explainWriteError } from '../../file-errors.js';

/** `glimpse model remove`: gives a model's disk space back. */
export function removeCommand(): Command {
  return new Command('remove')
    .description('delete a model that is listed')
    .argument('<model>', 'its name')
    .option('--yes', 'do not ask')
    .action(async (name: string, { yes }: { yes?: boolean }) => {
      const { inspectModel } = await import('./installed-models.js');
      const { gigabytes } = await import('../../checkpoints/disk-space.js');
      const { modelsFolder } = readConfig();
      const folder = join(modelsFolder, name);
      if (/[\\/]/.test(name) || name.startsWith('.')) {
        throw new UserError(`${name} is no name of a model; "glimpse model list" shows them.`);
      }
      if (await isSameFolder(folder, DEMO_MODEL)) {
        throw new UserError('The demo belongs to Glimpse and its tests: it stays.');
      }
      const found = await lstat(folder).catch(() => undefined);
      const model = found?.isDirectory() === true ? await inspectModel(folder, name) : undefined;
      if (model === undefined) {
        throw new UserError(`There is no model ${name} in ${modelsFolder}; "glimpse model list" shows them.`);
      }
      if (yes === true || (await agrees(`Delete ${folder} (${gigabytes(model.size)})? [y/N] `))) {
        const { holdFolder } = await import('../../checkpoints/folder-lock.js');
        await holdFolder(folder, () => rm(folder, { recursive: true })).catch((error: unknown) => {
          throw explainWriteError(error, folder, "can't be deleted");
        });
        process.stderr.write(`${name} is deleted.\n`);
      }
    });
}

/** Whether two paths lead to one folder, as where `Demo` is `demo` because file names ignore case. */
export async function isSameFolder(one: string, other: string): Promise<boolean> {
  if (resolve(one) === resolve(other)) {
    return true;
  }
  const [first, second] = await Promise.all(
    [one, other].map((folder) => stat(folder, { bigint: true }).catch(() => undefined)),
  );
  return first !== undefined && first.dev === second?.dev && first.ino === second.ino;
}

/** @throws {UserError} there is nobody to ask */
async function agrees(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new UserError('Nothing was deleted: add --yes where nobody can be asked.');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}
