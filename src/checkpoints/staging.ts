import { access, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/**
 * Runs `fill` on an empty folder beside `target` and, when it is done, moves what it made into `target`.
 * Whatever fails or ends the process before that leaves `target` as it was; a folder that a killed process
 * left behind is taken away by the next try.
 */
export async function stage(target: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const staging = `${resolve(target)}.partial`;
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  try {
    await fill(staging);
    await moveInto(target, staging);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** A new folder appears at once; in one that is there already, files are replaced one by one. */
async function moveInto(target: string, staging: string): Promise<void> {
  if (!(await exists(target))) {
    await syncFolder(staging);
    await rename(staging, target);
    await syncFolder(dirname(resolve(target)));
    return;
  }
  const entries = await readdir(staging, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(staging.length + 1));
  const graphs = files.filter((file) => file.endsWith('.onnx'));
  const others = files.filter((file) => !file.endsWith('.onnx'));
  // An old graph must not meet new weights: it goes before they come, and the new one comes after them.
  for (const graph of graphs) {
    await rm(join(target, graph), { force: true });
  }
  for (const file of [...others, ...graphs]) {
    await mkdir(dirname(join(target, file)), { recursive: true });
    await rename(join(staging, file), join(target, file));
  }
  for (const folder of new Set(files.map((file) => dirname(join(target, file))))) {
    await syncFolder(folder);
  }
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

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
