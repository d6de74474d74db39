import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.js';
import { filesOfIndex, INDEX, matchTensors } from '../checkpoint.js';
import { parseConfig } from '../config.js';
import { fetchStart } from '../hub/file-start.js';
import type { Repository, RepositoryFile } from '../hub/repository.js';
import { readHeader, SafetensorsFile, type TensorEntry } from '../safetensors.js';
import type { PullOptions } from './pull.js';

/** As much of a file as most headers take, so that one request is enough. Bytes. */
const HEADER = 256 << 10;

const familySchema = z.object({
  model_type: z.string(),
  text_config: z.object({ model_type: z.string().optional() }).optional(),
});

const storageSchema = z.object({ torch_dtype: z.string().nullish(), dtype: z.string().nullish() });

/**
 * The parsed `config.json` of a PaliGemma 2.
 *
 * @param name of the repository, for the sentence
 * @throws {UserError} it is another model's, or damaged
 */
export async function requirePaliGemma2(folder: string, name: string): Promise<unknown> {
  const json = await readJson(folder, 'config.json', name);
  const parsed = familySchema.safeParse(json);
  const family = parsed.data?.model_type;
  const text = parsed.data?.text_config?.model_type;
  if (family !== 'paligemma' || text !== 'gemma2') {
    const what = [family, text].filter((word) => word !== undefined).join(' with ');
    throw new UserError(`${name} is no PaliGemma 2, but ${what === '' ? 'something else' : what}.`);
  }
  return json;
}

/** Bytes that a weight takes in a repository, by its `config.json`. */
export function bytesPerWeight(config: unknown): number {
  const { data } = storageSchema.safeParse(config);
  return (data?.dtype ?? data?.torch_dtype) === 'float32' ? 4 : 2;
}

/**
 * Which of a repository's files the weights are in.
 *
 * @param downloads where the index lies, if there is one
 * @throws {UserError} the index is damaged, or names what the repository does not have
 */
export async function filesOfWeights(
  downloads: string,
  { name, files }: Repository,
): Promise<readonly RepositoryFile[]> {
  const has = (wanted: string): boolean => files.some(({ path }) => path === wanted);
  const names = has(INDEX)
    ? filesOfIndex(await readJson(downloads, INDEX, name), has)
    : ['model.safetensors'];
  return files.filter(({ path }) => names.includes(path));
}

/**
 * Compares what the files of weights say that they hold with the configuration, before they are downloaded.
 *
 * @throws {UserError} they hold something else
 */
export async function requireTensors(
  config: unknown,
  weights: readonly RepositoryFile[],
  repository: Repository,
  downloads: string,
  options: PullOptions,
): Promise<void> {
  const files: { entries: ReadonlyMap<string, TensorEntry> }[] = [];
  for (const file of weights) {
    const entries =
      (await entriesOnDisk(join(downloads, file.path), file)) ?? (await entriesAt(repository, file, options));
    files.push({ entries });
  }
  matchTensors(files, parseConfig(config));
}

/** Of a file that an earlier try has brought. */
async function entriesOnDisk(
  path: string,
  { size }: RepositoryFile,
): Promise<ReadonlyMap<string, TensorEntry> | undefined> {
  if ((await stat(path).catch(() => undefined))?.size !== size) {
    return undefined;
  }
  const file = await SafetensorsFile.open(path);
  await file.close();
  return file.entries;
}

async function entriesAt(
  repository: Repository,
  file: RepositoryFile,
  { hub, signal }: PullOptions,
): Promise<ReadonlyMap<string, TensorEntry>> {
  let start = await fetchStart(hub, repository, file, HEADER, signal);
  const read = async (from: number, length: number): Promise<Uint8Array> => {
    if (from + length > file.size) {
      throw new UserError(`${file.path} is truncated: it ends after ${file.size} bytes.`);
    }
    if (from + length > start.length) {
      start = await fetchStart(hub, repository, file, from + length, signal);
    }
    return start.subarray(from, from + length);
  };
  return readHeader(read, file.size, file.path);
}

async function readJson(folder: string, file: string, name: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(folder, file), 'utf8'));
  } catch (cause) {
    if (cause instanceof SyntaxError) {
      throw new UserError(`The ${file} of ${name} is no JSON.`, { cause });
    }
    throw cause;
  }
}
