import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Repository, RepositoryFile } from '../hub/repository.js';
import type { ModelRecord } from '../record.js';
import { PULLED_DTYPES, suffixOf, type PulledDtype } from './plan.js';

const decoderOf = (dtype: PulledDtype): string => `decoder_model_merged${suffixOf(dtype)}.onnx`;

/** The commit that a dtype's graphs in a folder are from; undefined where there are none, or nobody knows. */
export async function revisionOf(
  folder: string,
  record: ModelRecord | undefined,
  dtype: PulledDtype,
): Promise<string | undefined> {
  return new Map(Object.entries(await revisionsOf(folder, record))).get(dtype)?.revision;
}

/** The same for all dtypes that a folder holds. */
export async function revisionsOf(
  folder: string,
  record: ModelRecord | undefined,
): Promise<ModelRecord['dtypes']> {
  const graphs: string[] = await readdir(join(folder, 'onnx')).catch(() => []);
  const stored = PULLED_DTYPES.filter((dtype) => graphs.includes(decoderOf(dtype)));
  if (record === undefined) {
    return {};
  }
  const { revision, pulled, dtypes } = record;
  // Older records have one commit for all: of several dtypes it is that of the last one pulled, whichever that was.
  if (Object.keys(dtypes).length === 0) {
    return stored.length === 1 ? { [stored[0]]: { revision, pulled } } : {};
  }
  return Object.fromEntries(Object.entries(dtypes).filter(([dtype]) => stored.some((one) => one === dtype)));
}

/** @param kept of the dtypes that stay as they are */
export function recordOf(
  { name, revision }: Repository,
  dtype: PulledDtype,
  files: readonly RepositoryFile[],
  kept: ModelRecord['dtypes'],
): ModelRecord {
  const pulled = new Date().toISOString();
  return {
    repository: name,
    revision,
    pulled,
    files: files.map(({ path, size, digest }) => ({ path, size, digest: digest.value })),
    dtypes: { ...kept, [dtype]: { revision, pulled } },
  };
}
