import { link, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../errors.js';
import { makeFolder } from '../../file-errors.js';
import type { Dtype } from '../../task.js';
import { convertInto } from '../convert.js';
import { exists } from '../files.js';
import { holdFolder } from '../folder-lock.js';
import type { Hub } from '../hub/hub.js';
import { readRepository, type Repository } from '../hub/repository.js';
import { readRecord, writeRecord, type ModelRecord } from '../record.js';
import { fitsInto } from '../same-model.js';
import { explainDiskError, stage } from '../staging.js';
import { requireNoAdapter } from './adapter-repository.js';
import { fetchFiles } from './fetch-files.js';
import type { MaskDecoderSource } from './mask-decoder-weights.js';
import { addMaskDecoder, keepMaskDecoder, maskDecoderOf, writeMaskDecoder } from './mask-decoder.js';
import { planOf, type Plan, type PulledDtype } from './plan.js';
import { recordOf, revisionOf, revisionsOf } from './revisions.js';

export interface PullOptions {
  readonly hub: Hub;
  /** `owner/name` */
  readonly repository: string;
  /** Left out: the one that is best for most. */
  readonly dtype?: PulledDtype | undefined;
  /** A branch, a tag or a commit; left out: what the repository holds now. */
  readonly revision?: string | undefined;
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
  /** What the owner had better know of the model, in a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Downloads a model from a hub and makes of it a folder that Glimpse runs. The folder appears whole or not at all, or
 * gains a dtype, or is replaced by a newer state of its repository; what has been downloaded is kept until then, so that another try goes on from there.
 *
 * @throws {UserError} the model can't be had, is none that Glimpse runs, or there is no room for it; another
 * process is at work on its folder; the models' folder may not be written to
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
  const { hub, models, signal, revision } = options;
  const repository = await readRepository(hub, options.repository, signal, revision);
  await requireNoAdapter(repository, options);
  const plan = planOf(repository, options.dtype);
  const folder = join(models, repository.name.split('/')[1]);
  return holdFolder(folder, () => pullInto(folder, repository, plan, options));
}

async function pullInto(
  folder: string,
  repository: Repository,
  plan: Plan,
  options: PullOptions,
): Promise<Pulled> {
  const record = await requireSameOrigin(folder, repository);
  const downloads = join(
    options.models,
    '.downloads',
    `${repository.name.replace('/', '--')}-${repository.revision.slice(0, 12)}`,
  );
  await makeFolder(downloads);
  const { dtype } = plan;
  if ((await revisionOf(folder, record, dtype)) === repository.revision) {
    const withoutMasks = await addMaskDecoder(folder, downloads, options);
    await rm(downloads, { recursive: true });
    return { folder, dtype, withoutMasks, warnings: [] };
  }

  const files = await fetchFiles(downloads, repository, plan, options);
  const mask = await maskDecoderOf(downloads, options);
  const replace = !(await fitsInto(downloads, folder));
  const kept = replace || plan.kind === 'keep' ? {} : await revisionsOf(folder, record);
  const finish = async (staging: string): Promise<void> => {
    if (replace && mask.weights === undefined) {
      await keepMaskDecoder(folder, staging);
    }
    await writeRecord(staging, recordOf(repository, dtype, files, kept));
  };
  const warnings: string[] = [];
  if (plan.kind === 'convert') {
    await convertInto({
      from: downloads,
      to: folder,
      dtype: dtype as Dtype,
      isUpdate: true,
      maskDecoder: mask.weights,
      finish,
      signal: options.signal,
      onWarning: (sentence) => warnings.push(sentence),
      onProgress: ({ done, total }) => options.onProgress?.({ stage: 'converting', done, total }),
    });
  } else {
    const fill = async (staging: string): Promise<void> => {
      await mkdir(join(staging, 'onnx'));
      await writeMaskDecoder(join(staging, 'onnx'), mask.weights, options.signal);
      await finish(staging);
      for (const { path } of files) {
        await place(join(downloads, path), join(staging, path));
      }
    };
    await stage(folder, fill, { replace });
  }
  await rm(downloads, { recursive: true });
  return { folder, dtype, withoutMasks: mask.missing, warnings };
}

/** A second name, so that what was downloaded stays until all is done; some file systems know one only. */
async function place(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => rename(from, to));
}

/**
 * One folder does not hold two repositories of the same name.
 *
 * @returns what is known of the folder; undefined where there is none
 */
async function requireSameOrigin(folder: string, { name }: Repository): Promise<ModelRecord | undefined> {
  const record = await readRecord(folder);
  if (record?.repository !== name && (await exists(folder))) {
    throw new UserError(
      `${folder} holds ${record === undefined ? 'a model that was not pulled' : record.repository}: remove or rename it first.`,
    );
  }
  return record;
}
