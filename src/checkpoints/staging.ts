import { open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { explainFileError, explainWriteError, makeFolder, pathOf } from '../file-errors.js';
import { exists } from './files.js';
import { isRunning } from './folder-lock.js';

/**
 * Runs `fill` on an empty folder beside `target` and, when it is done, moves what it made into `target`.
 * Whatever fails or ends the process before that leaves `target` as it was; a folder that a killed process
 * left behind is taken away by the next try. Two must not fill one folder at a time: see `holdFolder`.
 *
 * @param replace whether all that `target` held goes when the new is there
 * @throws {UserError} the disk is full, or may not be written to
 */
export async function stage(
  target: string,
  fill: (folder: string) => Promise<void>,
  { replace = false } = {},
): Promise<void> {
  // Beside what a link points to, as files can't be moved from one disk to another.
  const place = (await exists(target)) ? await realpath(target) : resolve(target);
  const staging = `${place}.partial-${process.pid}`;
  try {
    await removeAbandoned(place);
    await rm(staging, { recursive: true, force: true });
    await makeFolder(staging);
    await fill(staging);
    await (replace ? takePlaceOf : moveInto)(place, staging);
  } catch (error) {
    throw explainDiskError(error, target);
  } finally {
    // What is left behind is taken away next time; it must not hide why this time has failed.
    await rm(staging, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Takes away what processes left behind that are no more. */
async function removeAbandoned(place: string): Promise<void> {
  const prefix = `${basename(place)}.partial-`;
  const names = await readdir(dirname(place)).catch(() => []);
  for (const name of names.filter((candidate) => candidate.startsWith(prefix))) {
    if (!isRunning(Number(name.slice(prefix.length)))) {
      await rm(join(dirname(place), name), { recursive: true, force: true });
    }
  }
}

/** What the disk's owner can mend, in their words; other errors as they are. */
export function explainDiskError(error: unknown, target: string): unknown {
  const path = pathOf(error);
  return path === undefined || path.startsWith(target)
    ? explainWriteError(error, target, "can't be filled")
    : explainFileError(error);
}

/** A new folder appears at once; in one that is there already, files are replaced one by one. */
async function moveInto(target: string, staging: string): Promise<void> {
  if (!(await exists(target))) {
    await syncFolder(staging);
    await rename(staging, target);
    await syncFolder(dirname(target));
    return;
  }
  const files = await filesIn(staging);
  const graphs = files.filter((file) => file.endsWith('.onnx'));
  const others = files.filter((file) => !file.endsWith('.onnx'));
  // An old graph must not meet new weights: it goes before they come, and the new one comes after them.
  for (const graph of graphs) {
    await rm(join(target, graph), { force: true });
  }
  for (const file of [...others, ...graphs]) {
    await makeFolder(dirname(join(target, file)));
    await rename(join(staging, file), join(target, file));
  }
  for (const folder of new Set(files.map((file) => dirname(join(target, file))))) {
    await syncFolder(folder);
  }
}

/** What was there goes only when the new is in its place. */
async function takePlaceOf(target: string, staging: string): Promise<void> {
  if (!(await exists(target))) {
    await moveInto(target, staging);
    return;
  }
  const old = `${staging}-old`;
  await syncFolder(staging);
  await rename(target, old);
  try {
    await rename(staging, target);
  } catch (error) {
    await rename(old, target);
    throw error;
  }
  await syncFolder(dirname(target));
  await rm(old, { recursive: true, force: true });
}

/** Paths of all files in a folder and those below it, from that folder. */
async function filesIn(folder: string): Promise<string[]> {
  // Not with file types: their paths have another name before Node 20.12.
  const paths = await readdir(folder, { recursive: true });
  const stats = await Promise.all(paths.map((path) => stat(join(folder, path))));
  return paths.filter((_, index) => stats[index].isFile());
}

/** A rename is on the disk only when the folder is. Systems that can't open folders take care themselves. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') {
    return;
  }
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
