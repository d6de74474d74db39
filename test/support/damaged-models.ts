import {
  chmod,
  copyFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
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
  {
    name: 'weights that are linked to another disk',
    damage: async (folder: string): Promise<void> => {
      const elsewhere = join(folder, 'weights');
      await rename(join(folder, 'onnx/vision_encoder.onnx_data'), elsewhere);
      await symlink(elsewhere, join(folder, 'onnx/vision_encoder.onnx_data'));
    },
    said: /^vision_encoder\.onnx_data is a link to \S+, and .*: move vision_encoder\.onnx there too and link it, or link the whole folder of the model\.$/,
  },
  {
    name: 'weights that are linked to a disk that is not there',
    damage: async (folder: string): Promise<void> => {
      await rm(join(folder, 'onnx/vision_encoder.onnx_data'));
      await symlink('/nowhere/weights', join(folder, 'onnx/vision_encoder.onnx_data'));
    },
    said: /vision_encoder\.onnx_data .*see that its disk is there\.$/,
  },
  {
    name: 'a decoder without its weights',
    damage: (folder) => rm(join(folder, 'onnx/decoder_model_merged.onnx_data')),
    said: /^The weights of decoder_\w+\.onnx are missing: there is no \S+\. Pull or convert the model again\.$/,
  },
  {
    name: 'a graph that Git LFS has not fetched',
    damage: (folder) =>
      writeFile(
        join(folder, 'onnx/vision_encoder.onnx'),
        'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n',
      ),
    said: /run "git lfs pull" in the repository\.$/,
  },
  {
    name: 'an export that is newer than ONNX Runtime',
    damage: async (folder: string): Promise<void> => {
      const graph = join(folder, 'onnx/vision_encoder.onnx');
      const bytes = await readFile(graph);
      // Its first field is the version of the format.
      bytes[1] = 99;
      await writeFile(graph, bytes);
    },
    said: /This export is newer than the ONNX Runtime here: install a newer Glimpse, or take an older export\.$/,
  },
  {
    name: 'an export with an operation of another kind',
    damage: async (folder: string): Promise<void> => {
      const graph = join(folder, 'onnx/vision_encoder.onnx');
      const text = (await readFile(graph)).toString('latin1').replaceAll('MatMul', 'MatMux');
      await writeFile(graph, Buffer.from(text, 'latin1'));
    },
    said: /another DTYPE, PROVIDER or export may work\.$/,
  },
  ...['config.json', 'generation_config.json', 'onnx', 'onnx/embed_tokens.onnx_data'].map(forbidden),
];
