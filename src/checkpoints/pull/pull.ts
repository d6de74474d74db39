import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../errors.js';
import { makeFolder } from '../../file-errors.js';
import type { Dtype } from '../../task.js';
import { convertCheckpoint } from '../convert.js';
import { exists } from '../files.js';
import type { Hub } from '../hub/hub.js';
import { readRepository, type Repository } from '../hub/repository.js';
import { readRecord, writeRecord, type ModelRecord } from '../record.js';
import { explainDiskError, stage } from '../staging.js';
import { fetchFiles } from './fetch-files.js';
import type { MaskDecoderSource } from './mask-decoder-weights.js';
import { addMaskDecoder, maskDecoderOf, writeMaskDecoder } from './mask-decoder.js';
import { planOf, suffixOf, type Plan, type PulledDtype } from './plan.js';

export interface PullOptions {
  readonly hub: Hub;
  /** `owner/name` */
  readonly repository: string;
  /** Left out: the one that is best for most. */
  readonly dtype?: PulledDtype | undefined;
  /** The folder that holds the models' folders. */
  readonly models: string;
  readonly maskDecoder: MaskDecoderSource;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Bytes free where a folder is, as `freeSpace`; for tests. */
  readonly free?: ((folder: string) => Promise<number>) | undefined;
}

export interface PullProgress {
  readonly stage: 'downloading' | 'converting';
  /** Bytes of all files. */
  readonly done: number;
  readonly total: number;
}

export interface Pulled {
  readonly folder: string;
  readonly dtype: PulledDtype;
  /** Why objects will be found with boxes only; undefined where they get outlines. */
  readonly withoutMasks: string | undefined;
}

/**
 * Downloads a model from a hub and makes of it a folder that Glimpse runs. The folder appears whole or not at all, or
 * gains a dtype; what has been downloaded is kept until then, so that another try goes on from there.
 *
 * @throws {UserError} the model can't be had, is none that Glimpse runs, or there is no room for it; the models' folder
 * may not be written to
 * @throws the signal's reason, once it is aborted
 */
export async function pullModel(options: PullOptions): Promise<Pulled> {
  try {
    return await pull(options);
  } catch (error) {
    throw explainDiskError(error, options.models);
  }
}

async function pull(options: PullOptions): Promise<Pulled> {
  const { hub, models, signal } = options;
  const repository = await readRepository(hub, options.repository, signal);
  const plan = planOf(repository, options.dtype);
  const [owner, name] = repository.name.split('/');
  const folder = join(models, name);
  await requireSameOrigin(folder, repository);
  const downloads = join(models, '.downloads', `${owner}--${name}-${repository.revision.slice(0, 12)}`);
  await makeFolder(downloads);

  if (await isThere(folder, repository, plan)) {
    const withoutMasks = await addMaskDecoder(folder, downloads, options);
    await rm(downloads, { recursive: true });
    return { folder, dtype: plan.dtype, withoutMasks };
  }
  await fetchFiles(downloads, repository, plan, options);
  const mask = await maskDecoderOf(downloads, options);
  const finish = (staging: string): Promise<void> => writeRecord(staging, recordOf(repository, plan));
  if (plan.kind === 'convert') {
    await convertCheckpoint({
      from: downloads,
      to: folder,
      dtype: plan.dtype as Dtype,
      maskDecoder: mask.weights,
      finish,
      signal,
      onProgress: ({ done, total }) => options.onProgress?.({ stage: 'converting', done, total }),
    });
  } else {
    await stage(folder, async (staging) => {
      await mkdir(join(staging, 'onnx'));
      await writeMaskDecoder(join(staging, 'onnx'), mask.weights, signal);
      await finish(staging);
      for (const { path } of plan.files) {
        await rename(join(downloads, path), join(staging, path));
      }
    });
  }
  await rm(downloads, { recursive: true });
  return { folder, dtype: plan.dtype, withoutMasks: mask.missing };
}

/** Whether a folder has this state of the repository in this precision already. */
async function isThere(folder: string, { revision }: Repository, { dtype }: Plan): Promise<boolean> {
  const record = await readRecord(folder);
  return (
    record?.revision === revision &&
    exists(join(folder, 'onnx', `decoder_model_merged${suffixOf(dtype)}.onnx`))
  );
}

/** One folder does not hold two repositories of the same name. */
async function requireSameOrigin(folder: string, { name }: Repository): Promise<void> {
  const record = await readRecord(folder);
  if (record?.repository === name || !(await exists(folder))) {
    return;
  }
  throw new UserError(
    `${folder} holds ${record === undefined ? 'a model that was not pulled' : record.repository}: remove or rename it first.`,
  );
}

function recordOf({ name, revision }: Repository, { files }: Plan): ModelRecord {
  return {
    repository: name,
    revision,
    pulled: new Date().toISOString(),
    files: files.map(({ path, size, digest }) => ({ path, size, digest: digest.value })),
  };
}
