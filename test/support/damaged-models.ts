import { chmod, copyFile, mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DEMO_MODEL } from '../../src/config.js';

/** A folder with a model that can't be loaded, and what is said about it. */
export interface DamagedModel {
  readonly name: string;
  readonly damage: (folder: string) => Promise<void>;
  readonly said: RegExp;
  /** True where nothing is wrong for a user who may read everything, as root may. */
  readonly forOthersOnly?: boolean;
}

const FILES = ['config.json', 'generation_config.json', 'preprocessor_config.json', 'tokenizer.json'];
const MEND = /pull or convert the model again\.$/;

/** A copy of the demo as `glimpse model pull` would leave it, without its samples. */
export async function copyDemo(folder: string): Promise<void> {
  const onnx = (await readdir(join(DEMO_MODEL, 'onnx'))).map((name) => join('onnx', name));
  for (const file of [...FILES, 'tokenizer_config.json', ...onnx]) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await copyFile(join(DEMO_MODEL, file), join(folder, file));
  }
}

function halved(file: string): DamagedModel {
  return {
    name: `half of ${file}`,
    damage: (folder) => truncate(join(folder, file), 1000),
    said: MEND,
  };
}

function forbidden(file: string): DamagedModel {
  return {
    name: `${file} of another user`,
    damage: (folder) => chmod(join(folder, file), 0),
    said: /may not be read: give it to the user that Glimpse runs as\.$/,
    forOthersOnly: true,
  };
}

export const DAMAGED_MODELS: readonly DamagedModel[] = [
  ...['config.json', 'tokenizer.json'].map(halved),
  ...['vision_encoder.onnx', 'vision_encoder.onnx_data', 'embed_tokens.onnx', 'mask_decoder.onnx'].map(
    (name) => halved(`onnx/${name}`),
  ),
  {
    name: 'an empty graph',
    damage: (folder) => writeFile(join(folder, 'onnx/vision_encoder.onnx'), ''),
    said: MEND,
  },
  ...['config.json', 'generation_config.json', 'onnx', 'onnx/embed_tokens.onnx_data'].map(forbidden),
];
