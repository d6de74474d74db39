import { readFile, stat, writeFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { UserError } from '../errors.js';
import { explainReadError, explainWriteError, isMissing, makeFolder } from '../file-errors.js';
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
 * @throws {UserError} there is no such file, it is a folder, it can't be read, or it is over 100 MiB
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
    if (isMissing(error)) {
      throw new UserError(`There is no file ${path}.`, { cause: error });
    }
    throw explainReadError(error, path);
  }
}

/**
 * Writes an annotated picture.
 *
 * @returns why it could not be written: the picture is not all of an answer, and the rest must not be lost with it
 */
export async function tryToWrite(path: string, picture: EncodedPicture): Promise<Error | undefined> {
  return refusalOf(writeFile(path, picture.bytes), path);
}

/** Makes the folder for annotated pictures, and returns why it could not be made. */
export async function tryToMakeFolder(path: string): Promise<Error | undefined> {
  return refusalOf(makeFolder(path), path);
}

async function refusalOf(writing: Promise<void>, path: string): Promise<Error | undefined> {
  try {
    await writing;
    return undefined;
  } catch (error) {
    const told = explainWriteError(error, path);
    return told instanceof Error ? told : new Error(String(told), { cause: error });
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
