import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../../checkpoints/files.js';
import { explainReadError, isMissing } from '../../file-errors.js';
import { readRecord, type ModelRecord } from '../../checkpoints/record.js';

/** A model's folder. */
export interface InstalledModel {
  readonly name: string;
  readonly folder: string;
  /** How its decoder is stored, by the names of the files. */
  readonly dtypes: readonly string[];
  /** Of all its files. Bytes. */
  readonly size: number;
  /** Undefined for one that was not pulled. */
  readonly record: ModelRecord | undefined;
}

const DECODER = /^decoder_model_merged(?:_(\w+))?\.onnx$/;
const DTYPES: Readonly<Record<string, string>> = { '': 'fp32', quantized: 'q8' };

/** The models in a folder, by name; what is no model is passed over. */
export async function installedModels(modelsFolder: string): Promise<InstalledModel[]> {
  const names = await namesIn(modelsFolder);
  const models = await Promise.all(
    names.filter((name) => !name.startsWith('.')).map((name) => inspectModel(join(modelsFolder, name), name)),
  );
  return models.filter((model) => model !== undefined).sort((a, b) => a.name.localeCompare(b.name));
}

/** Undefined for a folder without a model that can be run. */
export async function inspectModel(folder: string, name: string): Promise<InstalledModel | undefined> {
  const graphs = await namesIn(join(folder, 'onnx'));
  const dtypes = graphs.flatMap((file) => {
    const suffix = DECODER.exec(file)?.[1] ?? '';
    return DECODER.test(file) ? [DTYPES[suffix] ?? suffix] : [];
  });
  if (dtypes.length === 0 || !(await exists(join(folder, 'config.json')))) {
    return undefined;
  }
  return { name, folder, dtypes, size: await sizeOf(folder), record: await readRecord(folder) };
}

/** None where there is no such folder. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) {
      return [];
    }
    throw explainReadError(error, folder);
  }
}

async function sizeOf(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true });
  const stats = await Promise.all(files.map((file) => stat(join(folder, file))));
  return stats.reduce((sum, found) => sum + (found.isFile() ? found.size : 0), 0);
}
