import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const PIECE = 8 << 20;

/** All files of a folder and those below it, by their paths from it. */
async function filesIn(folder: string): Promise<string[]> {
  const paths = await readdir(folder, { recursive: true });
  const stats = await Promise.all(paths.map((path) => stat(join(folder, path))));
  return paths.filter((_, index) => stats[index].isFile());
}

export async function bytesIn(folder: string): Promise<number> {
  const files = await filesIn(folder);
  const stats = await Promise.all(files.map((file) => stat(join(folder, file))));
  return stats.reduce((sum, { size }) => sum + size, 0);
}

/** Reads every byte of a folder and does something with it. */
async function readAll(folder: string, use: (file: string, piece: Buffer) => Promise<void>): Promise<void> {
  const piece = Buffer.alloc(PIECE);
  for (const file of await filesIn(folder)) {
    const handle = await open(join(folder, file));
    try {
      for (;;) {
        const { bytesRead } = await handle.read(piece, 0, PIECE);
        if (bytesRead === 0) {
          break;
        }
        await use(file, piece.subarray(0, bytesRead));
      }
    } finally {
      await handle.close();
    }
  }
}

/** Milliseconds to read a folder's files once. */
export async function readOnce(folder: string): Promise<number> {
  const started = performance.now();
  await readAll(folder, () => Promise.resolve());
  return performance.now() - started;
}

/** Milliseconds to copy a folder's files, which are synced to the disk then, and hash them by SHA-256 on the way. */
export async function copyAndHash(from: string, to: string): Promise<number> {
  const started = performance.now();
  await mkdir(to, { recursive: true });
  const hash = createHash('sha256');
  const handles = new Map<string, Awaited<ReturnType<typeof open>>>();
  await readAll(from, async (file, piece) => {
    hash.update(piece);
    let handle = handles.get(file);
    if (handle === undefined) {
      handle = await open(join(to, file), 'w');
      handles.set(file, handle);
    }
    await handle.write(piece);
  });
  for (const handle of handles.values()) {
    await handle.sync();
    await handle.close();
  }
  const elapsed = performance.now() - started;
  await rm(to, { recursive: true });
  return elapsed;
}

/** Lets the system forget what it read of files. @returns false where that is not allowed, as it is to root alone */
export async function forgetReadFiles(): Promise<boolean> {
  return writeFile('/proc/sys/vm/drop_caches', '3').then(
    () => true,
    () => false,
  );
}
