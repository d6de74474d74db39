import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '../../errors.js';
import { readBody } from './body.js';
import type { Hub } from './hub.js';
import { PassingError, persistently } from './passing-error.js';
import { Pieces } from './pieces.js';
import type { RepositoryFile } from './repository.js';
import { request } from './request.js';
import { isWhole } from './verify.js';

/** Connections at a time: one alone seldom fills a line. */
const CONNECTIONS = 4;

export interface Download {
  readonly hub: Hub;
  /** `owner/name`, or what else the file is of. */
  readonly repository: string;
  readonly address: string;
  readonly file: RepositoryFile;
  /** Where it goes; what is there already and is the same file is kept. */
  readonly to: string;
  /** Told of bytes as they come, and of those that an earlier try had brought; less than 0 where some were in vain. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Downloads a file in pieces, several at a time, and goes on where an earlier try has ended. It lies under its name only
 * when its size and its digest are right.
 *
 * @throws {UserError} it can't be had, or is not what the repository says it is
 * @throws the signal's reason, once it is aborted
 */
export async function download(options: Download): Promise<void> {
  const { file, to, onBytes } = options;
  if (await isWhole(to, file)) {
    onBytes?.(file.size);
    return;
  }
  await mkdir(dirname(to), { recursive: true });
  const partial = `${to}.download`;
  const pieces = await Pieces.open(`${partial}.json`, file);
  // Once more from the beginning, where the bytes are wrong: a disk or a proxy may have spoilt them.
  for (let tries = 0; tries < 2; tries++) {
    await fetchInto(partial, pieces, options);
    if (await isWhole(partial, file)) {
      await rename(partial, to);
      await pieces.remove();
      return;
    }
    onBytes?.(-pieces.bytes);
    await pieces.clear();
    await rm(partial, { force: true });
  }
  await pieces.remove();
  throw new UserError(
    `${file.path} of ${options.repository} came twice with other bytes than the hub promises (its ` +
      `${file.digest.kind === 'git' ? 'SHA-1' : 'SHA-256'} is wrong): try a mirror less, or later.`,
  );
}

/** How many bytes of a file that was or is to be downloaded to a place take room on the disk already. */
export async function bytesThere(to: string, file: RepositoryFile): Promise<number> {
  const whole = await stat(to).catch(() => undefined);
  if (whole?.size === file.size) {
    return file.size;
  }
  const partial = await stat(`${to}.download`).catch(() => undefined);
  const pieces = await Pieces.open(`${to}.download.json`, file);
  // Pieces that had not come whole are written over; a system that does not tell its blocks says 0.
  return partial === undefined ? 0 : Math.min(file.size, Math.max(pieces.bytes, (partial.blocks || 0) * 512));
}

/** The server gives the whole file whatever is asked for. */
class RangesIgnored extends Error {}

async function fetchInto(partial: string, pieces: Pieces, options: Download): Promise<void> {
  const handle = await open(partial, pieces.bytes > 0 ? 'r+' : 'w').catch(async () => {
    // The pieces are noted but the file is gone.
    await pieces.clear();
    return open(partial, 'w');
  });
  try {
    options.onBytes?.(pieces.bytes);
    try {
      await inPieces(handle, pieces, options);
    } catch (error) {
      if (!(error instanceof RangesIgnored)) {
        throw error;
      }
      options.onBytes?.(-pieces.bytes);
      await pieces.clear();
      await atOnce(handle, pieces, options);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function inPieces(handle: FileHandle, pieces: Pieces, options: Download): Promise<void> {
  const waiting = pieces.missing;
  const failed = new AbortController();
  const signal =
    options.signal === undefined ? failed.signal : AbortSignal.any([options.signal, failed.signal]);
  const connection = async (): Promise<void> => {
    for (let piece = waiting.shift(); piece !== undefined; piece = waiting.shift()) {
      await fetchPiece(handle, pieces.range(piece), { ...options, signal });
      await handle.datasync();
      await pieces.add(piece);
    }
  };
  const connections = Array.from({ length: Math.min(CONNECTIONS, waiting.length) }, () =>
    connection().catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  // All must have ended before the file is closed or begun anew.
  await Promise.allSettled(connections);
  options.signal?.throwIfAborted();
  if (failed.signal.aborted) {
    throw failed.signal.reason;
  }
}

/** A server need not know how long the whole is (RFC 9110, section 14.4). */
function isRange({ headers }: Response, first: number, last: number, size: number): boolean {
  const range = headers.get('content-range');
  return [String(size), '*'].some((length) => range === `bytes ${first}-${last}/${length}`);
}

/** One piece; a connection that is cut is gone on from where it was. */
async function fetchPiece(
  handle: FileHandle,
  { start, length }: { start: number; length: number },
  { hub, address, repository, file, onBytes, signal }: Download,
): Promise<void> {
  let come = 0;
  await persistently(
    async (progressed) => {
      const [first, last] = [start + come, start + length - 1];
      const headers = { range: `bytes=${first}-${last}` };
      const response = await request(hub, address, {
        repository,
        file: file.path,
        lengths: [last - first + 1, file.size],
        headers,
        signal,
      });
      if (response.status === 200 && length < file.size) {
        await response.body?.cancel();
        throw new RangesIgnored();
      }
      if (response.status === 206 && !isRange(response, first, last, file.size)) {
        await response.body?.cancel();
        throw new PassingError(`The server gives another part of ${file.path} than it was asked for.`);
      }
      if (response.status === 416) {
        await response.body?.cancel();
        throw new PassingError(`The server says that ${file.path} is shorter than the hub does.`);
      }
      if (response.status === 200) {
        onBytes?.(-come);
        come = 0;
      }
      await readBody(response, hub.patience, async (bytes) => {
        if (come + bytes.length > length) {
          throw new PassingError(`The server gives more of ${file.path} than it was asked for.`);
        }
        await handle.write(bytes, 0, bytes.length, start + come);
        come += bytes.length;
        onBytes?.(bytes.length);
        progressed();
      });
      if (come < length) {
        throw new PassingError(`The connection ended before ${file.path} had come.`);
      }
    },
    hub.patience,
    signal,
  ).catch((error: unknown) => {
    onBytes?.(-come);
    throw error;
  });
}

/** The whole file over one connection, from the beginning each time. */
async function atOnce(handle: FileHandle, pieces: Pieces, options: Download): Promise<void> {
  const { hub, address, repository, file, onBytes, signal } = options;
  await persistently(
    async () => {
      let come = 0;
      try {
        const response = await request(hub, address, {
          repository,
          file: file.path,
          lengths: [file.size],
          signal,
        });
        await readBody(response, hub.patience, async (bytes) => {
          if (come + bytes.length > file.size) {
            throw new PassingError(`The server gives more of ${file.path} than the hub says.`);
          }
          await handle.write(bytes, 0, bytes.length, come);
          come += bytes.length;
          onBytes?.(bytes.length);
        });
        if (come < file.size) {
          throw new PassingError(`The connection ended before ${file.path} had come.`);
        }
      } catch (error) {
        onBytes?.(-come);
        throw error;
      }
    },
    hub.patience,
    signal,
  );
  for (let piece = 0; piece < pieces.count; piece++) {
    await pieces.add(piece);
  }
}
