import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { RepositoryFile } from './repository.js';

/** Whether a file holds what the repository has under its name. */
export async function isWhole(path: string, { size, digest }: RepositoryFile): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true || found.size !== size) {
    return false;
  }
  const hash = createHash(digest.kind === 'git' ? 'sha1' : 'sha256');
  if (digest.kind === 'git') {
    hash.update(`blob ${size}\0`);
  }
  for await (const bytes of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(bytes as Buffer);
  }
  return hash.digest('hex') === digest.value;
}
