import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PullOptions } from '../../../src/checkpoints/pull/pull.js';
import { DEMO_MODEL } from '../../../src/config.js';
import { temporaryFolder } from '../temporary-folder.js';
import { REVISION, sha256, type LoopbackHub } from './loopback-hub.js';

export const NAME = 'google/demo-mix';
export const OFFICIAL = [
  'config.json',
  'generation_config.json',
  'model.safetensors',
  'preprocessor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
];

export type Files = Record<string, Uint8Array>;

export async function filesOf(folder: string, names: readonly string[]): Promise<Files> {
  const files: Files = {};
  for (const name of names) {
    files[name] = await readFile(join(folder, name));
  }
  return files;
}

/** The demo as Google would publish it. */
export async function officialFiles(): Promise<Files> {
  return filesOf(DEMO_MODEL, OFFICIAL);
}

/** What pulls `NAME` from a hub, which has the mask decoder too, into a folder of its own. */
export async function pullOptions(hub: LoopbackHub, change: Partial<PullOptions> = {}): Promise<PullOptions> {
  const masks = await readFile(join(DEMO_MODEL, 'vae-oid.npz'));
  hub.addRepository('big_vision/files', { 'vae-oid.npz': masks });
  const digest = { kind: 'sha256', value: sha256(masks) } as const;
  return {
    hub: hub.client(),
    repository: NAME,
    dtype: 'q8',
    models: join(await temporaryFolder(), 'models'),
    maskDecoder: {
      address: `${hub.endpoint}/big_vision/files/resolve/${REVISION}/vae-oid.npz`,
      file: { path: 'vae-oid.npz', size: masks.length, digest },
    },
    ...change,
  };
}
