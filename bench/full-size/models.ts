import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { convertCheckpoint } from '../../src/checkpoints/convert.js';
import { exists } from '../../src/checkpoints/files.js';
import { RECIPES } from '../../src/checkpoints/recipes.js';
import type { Dtype } from '../../src/task.js';
import { runScript } from './child-process.js';
import { bytesIn, copyAndHash } from './files.js';
import type { Layers, OfficialModel } from './official-configs.js';
import { writePublicExport } from './public-export/public-export.js';
import { writeRandomCheckpoint } from './random-checkpoint.js';
import { gigabytes, ratioLine, seconds, type Line } from './table.js';

/** Where the same weights lie in three forms. */
export interface ModelFolders {
  /** As Google publishes them. */
  readonly checkpoint: string;
  /** As our converter writes them. */
  readonly ours: string;
  /** As the public ONNX exports have them. */
  readonly publicExport: string;
}

export function foldersOf(model: OfficialModel, folder: string): ModelFolders {
  return {
    checkpoint: join(folder, model),
    ours: join(folder, `${model}-glimpse`),
    publicExport: join(folder, `${model}-public`),
  };
}

/** Makes a checkpoint where there is none yet. */
export async function makeCheckpoint(
  model: OfficialModel,
  { checkpoint }: ModelFolders,
  layers?: Layers,
): Promise<void> {
  if (!(await exists(join(checkpoint, 'model.safetensors.index.json')))) {
    await mkdir(checkpoint, { recursive: true });
    await writeRandomCheckpoint(checkpoint, model, layers);
  }
}

/** Makes an export of the public kind where there is none yet. */
export async function makePublicExport({ checkpoint, publicExport }: ModelFolders): Promise<void> {
  if (!(await exists(publicExport))) {
    await writePublicExport(checkpoint, publicExport);
  }
}

/** Converts the checkpoint to a dtype that is not there yet. */
export async function convertAs(dtype: Dtype, { checkpoint, ours }: ModelFolders): Promise<void> {
  const decoder = join(ours, 'onnx', `decoder_model_merged${RECIPES[dtype].suffix}.onnx`);
  if (!(await exists(decoder))) {
    await convertCheckpoint({ from: checkpoint, to: ours, dtype });
  }
}

/** Converts the checkpoint anew, beside copying and hashing the same bytes. */
export async function converting({ checkpoint, ours }: ModelFolders): Promise<Line[]> {
  await rm(ours, { recursive: true, force: true });
  const copy = await copyAndHash(checkpoint, `${checkpoint}-copy`);
  const { elapsed, peakMemory } = await runScript<{ elapsed: number; peakMemory: number }>(
    './conversion.ts',
    [checkpoint, ours, 'q4'],
  );
  return [
    { what: 'checkpoint', measured: gigabytes(await bytesIn(checkpoint)) },
    { what: 'converted', measured: gigabytes(await bytesIn(ours)) },
    { what: 'copying and hashing the checkpoint', measured: seconds(copy) },
    { what: 'conversion', measured: seconds(elapsed) },
    ratioLine('conversion / copying and hashing', elapsed / copy, { atMost: 4 }),
    {
      what: 'conversion, peak memory',
      measured: gigabytes(peakMemory),
      goal: '<= 1.5 GB',
      reached: peakMemory <= 1.5e9,
    },
  ];
}
