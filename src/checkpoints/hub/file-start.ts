import { readStart } from './body.js';
import type { Hub } from './hub.js';
import { PassingError, persistently } from './passing-error.js';
import { addressOf, type Repository, type RepositoryFile } from './repository.js';
import { request } from './request.js';

/**
 * The first bytes of a repository's file, which is not downloaded for it. They are not proved by a digest.
 *
 * @param length bytes; fewer are returned of a file that is shorter
 * @throws {UserError} they can't be had
 */
export async function fetchStart(
  hub: Hub,
  repository: Repository,
  { path, size }: RepositoryFile,
  length: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const wanted = Math.min(length, size);
  return persistently(
    async () => {
      const response = await request(hub, addressOf(hub, repository, path), {
        repository: repository.name,
        file: path,
        lengths: [wanted, size],
        headers: { range: `bytes=0-${wanted - 1}` },
        signal,
      });
      const range = response.headers.get('content-range');
      if (response.status !== 200 && range?.startsWith('bytes 0-') !== true) {
        await response.body?.cancel();
        throw new PassingError(`The server gives another part of ${path} than it was asked for.`);
      }
      const bytes = await readStart(response, hub.patience, wanted);
      if (bytes.length < wanted) {
        throw new PassingError(`The connection ended before the beginning of ${path} had come.`);
      }
      return bytes;
    },
    hub.patience,
    signal,
  );
}
