import { readFile, stat, writeFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { UserError } from '../errors.js';
import type { EncodedPicture, Task } from '../task.js';

/** A file larger than this is not read at all. Bytes. */
const LARGEST_FILE = 100 * 1024 * 1024;

const MEDIA_TYPES: Partial<Record<string, EncodedPicture['mediaType']>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
};

/**
 * The bytes of a picture file; whether it is a picture is for the engine to find out.
 *
 * @throws {UserError} there is no such file, it is a folder, it can't be opened, or it is over 100 MiB
 */
export async function readPictureFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > LARGEST_FILE) {
      throw new UserError(
        `${path} is too large: ${Math.ceil(size / 2 ** 20)} MiB, where 100 MiB is the limit.`,
      );
    }
    return await readFile(path);
  } catch (error) {
    throw explainFileError(error, path);
  }
}

/**
 * Writes an annotated picture.
 *
 * @throws {UserError} the folder does not exist or can't be written to
 */
export async function writePictureFile(path: string, picture: EncodedPicture): Promise<void> {
  try {
    await writeFile(path, picture.bytes);
  } catch (error) {
    throw explainFileError(error, path);
  }
}

/** Where an annotated picture goes when nobody said where: into the working directory, by picture and task. */
export function defaultOutputPath(picturePath: string, task: Task): string {
  return `${basename(picturePath, extname(picturePath))}-${task.kind}.png`;
}

/**
 * The format that a file name asks for.
 *
 * @throws {UserError} neither PNG nor JPEG
 */
export function mediaTypeOf(path: string): EncodedPicture['mediaType'] {
  const mediaType = MEDIA_TYPES[extname(path).toLowerCase()];
  if (mediaType === undefined) {
    throw new UserError(`The annotated picture can be a .png or a .jpg file, not ${basename(path)}.`);
  }
  return mediaType;
}

const SENTENCES: Partial<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `There is no file ${path}.`,
  ENOTDIR: (path) => `There is no file ${path}.`,
  EISDIR: (path) => `${path} is a folder, not a picture.`,
  EACCES: (path) => `${path} may not be opened: permission denied.`,
  ENOSPC: (path) => `${path} could not be written: the disk is full.`,
};

function explainFileError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const sentence = SENTENCES[code];
  return sentence === undefined ? error : new UserError(sentence(path), { cause: error });
}
