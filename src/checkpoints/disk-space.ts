import { statfs } from 'node:fs/promises';
import { UserError } from '../errors.js';

/** What programs without special rights can still write where a folder is. Bytes. */
export async function freeSpace(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** @throws {UserError} less is free */
export async function requireSpace(folder: string, bytes: number, free = freeSpace): Promise<void> {
  const found = await free(folder);
  if (found < bytes) {
    throw new UserError(
      `The disk is too full: the model takes ${gigabytes(bytes)}, ${gigabytes(found)} are free in ${folder}.`,
    );
  }
}

export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
