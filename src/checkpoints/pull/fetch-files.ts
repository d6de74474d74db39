import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.js';
import type { Dtype } from '../../task.js';
import { requireSpace } from '../disk-space.js';
import { download } from '../hub/download.js';
import { addressOf, type Repository } from '../hub/repository.js';
import type { Plan } from './plan.js';
import type { PullOptions } from './pull.js';

/** First what tells whether it is a model for Glimpse, and whether the licence was accepted; then, if there is room, the rest. */
export async function fetchFiles(
  downloads: string,
  repository: Repository,
  plan: Plan,
  options: PullOptions,
): Promise<void> {
  const { hub, signal, onProgress } = options;
  const total = plan.files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const fetchFile = async (file: (typeof plan.files)[number]): Promise<void> => {
    await download({
      hub,
      repository: repository.name,
      address: addressOf(hub, repository, file.path),
      file,
      to: join(downloads, file.path),
      signal,
      onBytes: (bytes) => {
        done += bytes;
        onProgress?.({ stage: 'downloading', done, total });
      },
    });
  };
  const [config, ...others] = [...plan.files].sort(
    (a, b) => Number(b.path === 'config.json') - Number(a.path === 'config.json'),
  );
  await fetchFile(config);
  const bytesPerWeight = await requirePaliGemma2(join(downloads, 'config.json'), repository.name);
  const room = plan.kind === 'convert' ? (total / bytesPerWeight) * STORED[plan.dtype as Dtype] : 0;
  await requireSpace(downloads, total + room, options.free);
  for (const file of others) {
    await fetchFile(file);
  }
}

/** Bytes that a weight takes when it is converted, with the scales of its block. */
const STORED: Readonly<Record<Dtype, number>> = { fp32: 4, fp16: 2, q8: 1.1, q4: 1 };

const configSchema = z.object({
  model_type: z.string(),
  torch_dtype: z.string().optional(),
  dtype: z.string().optional(),
  text_config: z.object({ model_type: z.string().optional() }).optional(),
});

/** @returns the bytes that each weight takes in the repository */
async function requirePaliGemma2(file: string, name: string): Promise<number> {
  const parsed = configSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
  const family = parsed.data?.model_type;
  const text = parsed.data?.text_config?.model_type;
  if (parsed.data === undefined || family !== 'paligemma' || text !== 'gemma2') {
    const what = [family, text].filter((word) => word !== undefined).join(' with ');
    throw new UserError(`${name} is no PaliGemma 2, but ${what === '' ? 'something else' : what}.`);
  }
  return (parsed.data.dtype ?? parsed.data.torch_dtype) === 'float32' ? 4 : 2;
}
