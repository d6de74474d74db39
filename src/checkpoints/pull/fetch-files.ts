import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dtype } from '../../task.js';
import { parseConfig } from '../config.js';
import { requireSpace } from '../disk-space.js';
import { bytesThere, download } from '../hub/download.js';
import { addressOf, type Repository, type RepositoryFile } from '../hub/repository.js';
import { tokenizerSize } from '../tokenizer-size.js';
import type { Plan } from './plan.js';
import type { PullOptions } from './pull.js';
import { bytesPerWeight, filesOfWeights, requirePaliGemma2, requireTensors } from './requirements.js';

/**
 * First what tells whether it is a model for Glimpse, and whether the licence was accepted; then, if there is room, what
 * its weights are called; then the rest.
 *
 * @returns the files that lie in `downloads` now
 */
export async function fetchFiles(
  downloads: string,
  repository: Repository,
  plan: Plan,
  options: PullOptions,
): Promise<readonly RepositoryFile[]> {
  let files = plan.files;
  let done = 0;
  const fetchFile = async (file: RepositoryFile): Promise<void> => {
    await download({
      hub: options.hub,
      repository: repository.name,
      address: addressOf(options.hub, repository, file.path),
      file,
      to: join(downloads, file.path),
      signal: options.signal,
      onBytes: (bytes) => {
        done += bytes;
        options.onProgress?.({ stage: 'downloading', done, total: bytesOf(files) });
      },
    });
  };
  const fetchAll = async (wanted: readonly RepositoryFile[]): Promise<void> => {
    for (const file of wanted) {
      await fetchFile(file);
    }
  };

  await fetchAll(files.filter(({ path }) => path === 'config.json'));
  const config = await requirePaliGemma2(downloads, repository.name);
  if (plan.kind === 'keep') {
    await requireRoom(downloads, files, 0, options);
    await fetchAll(files.filter(({ path }) => path !== 'config.json'));
    return files;
  }

  const { imageTokenId } = parseConfig(config);
  await fetchAll(plan.index);
  const weights = await filesOfWeights(downloads, repository);
  files = [...plan.settings, ...plan.index, ...weights];
  const made = (bytesOf(files) / bytesPerWeight(config)) * STORED[plan.dtype as Dtype];
  await requireRoom(downloads, files, made, options);
  await requireTensors(config, weights, repository, downloads, options);
  await fetchAll(plan.settings.filter(({ path }) => path !== 'config.json'));
  tokenizerSize(JSON.parse(await readFile(join(downloads, 'tokenizer.json'), 'utf8')), imageTokenId);
  await fetchAll(weights);
  return files;
}

/** Bytes that a weight takes when it is converted, with the scales of its block. */
const STORED: Readonly<Record<Dtype, number>> = { fp32: 4, fp16: 2, q8: 1.1, q4: 1, q4f16: 1 };

/** For what is still to come, and what is made of it; what an earlier try has brought takes no more room. */
async function requireRoom(
  downloads: string,
  files: readonly RepositoryFile[],
  made: number,
  { free }: PullOptions,
): Promise<void> {
  let there = 0;
  for (const file of files) {
    there += await bytesThere(join(downloads, file.path), file);
  }
  await requireSpace(downloads, bytesOf(files) - there + made, free);
}

function bytesOf(files: readonly RepositoryFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
