import { basename } from 'node:path';
import { UserError } from '../../errors.js';
import type { Dtype } from '../../task.js';
import { INDEX, requireIndex } from '../checkpoint.js';
import type { Repository, RepositoryFile } from '../hub/repository.js';
import { RECIPES } from '../recipes.js';

/** What is taken from a repository. */
export interface Plan {
  /** `convert`: an official checkpoint. `keep`: an ONNX folder that is used as it is. */
  readonly kind: 'convert' | 'keep';
  readonly dtype: PulledDtype;
  /** All; of weights in several files those that may be wanted: their index says which are. */
  readonly files: readonly RepositoryFile[];
  /** Those of `files` that describe the model. */
  readonly settings: readonly RepositoryFile[];
  /** The one file that says which weights are in which, where they are in several. */
  readonly index: readonly RepositoryFile[];
}

/** Files at a repository's top that describe the model. */
const SETTINGS = new Set([
  'config.json',
  'generation_config.json',
  'preprocessor_config.json',
  'processor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
]);

/** The precisions that public exports have beside those that our converter writes, by their suffixes. */
const OTHER_SUFFIXES = { int8: '_int8', uint8: '_uint8', bnb4: '_bnb4' } as const;

/** A precision that a model can be pulled in. */
export type PulledDtype = Dtype | keyof typeof OTHER_SUFFIXES;

export const PULLED_DTYPES: readonly PulledDtype[] = [
  ...(Object.keys(RECIPES) as Dtype[]),
  ...(Object.keys(OTHER_SUFFIXES) as (keyof typeof OTHER_SUFFIXES)[]),
];

/** Taken where nobody asks for another: the words of its answers are next to always those of full precision. */
export const DEFAULT_DTYPE: Dtype = 'q8';

/** The same for exports, which seldom have that one. */
const DEFAULTS_OF_EXPORTS: readonly PulledDtype[] = [
  DEFAULT_DTYPE,
  'q4',
  'fp16',
  'fp32',
  'q4f16',
  'bnb4',
  'int8',
  'uint8',
];

const GRAPHS = ['vision_encoder', 'embed_tokens', 'decoder_model_merged'];
/** Exports that have a graph in one precision only have it in one of these. */
const FALLBACKS = ['', '_fp16', '_quantized', '_int8', '_uint8', '_q4', '_q4f16', '_bnb4'];

/**
 * Which of a repository's files are wanted.
 *
 * @throws {UserError} it holds no model that Glimpse runs, or not in this precision
 */
export function planOf(repository: Repository, wish?: PulledDtype): Plan {
  const plan = planByWeights(repository, wish);
  if (!plan.settings.some(({ path }) => path === 'tokenizer.json')) {
    throw new UserError(
      `${repository.name} has no tokenizer.json, without which a model knows no words: its owner has to add that of the ` +
        'model that it was made from.',
    );
  }
  return plan;
}

function planByWeights({ name, files }: Repository, wish: PulledDtype | undefined): Plan {
  const settings = files.filter(({ path }) => SETTINGS.has(path));
  if (!settings.some(({ path }) => path === 'config.json')) {
    throw new UserError(`${name} is no model: it has no config.json.`);
  }
  const graphs = files.filter(({ path }) => path.startsWith('onnx/'));
  if (graphs.length > 0) {
    const dtype =
      wish ?? DEFAULTS_OF_EXPORTS.find((candidate) => hasDecoder(graphs, candidate)) ?? DEFAULT_DTYPE;
    return {
      kind: 'keep',
      dtype,
      settings,
      index: [],
      files: [...settings, ...graphsOf(name, graphs, dtype)],
    };
  }
  const weights = files.filter(({ path }) => path.endsWith('.safetensors') && !path.includes('/'));
  if (weights.length === 0) {
    throw new UserError(`${name} has no weights as .safetensors or ONNX graphs.`);
  }
  const dtype = wish ?? DEFAULT_DTYPE;
  if (!(dtype in RECIPES)) {
    throw new UserError(`${name} is converted: --dtype must be one of ${Object.keys(RECIPES).join(', ')}.`);
  }
  const index = files.filter(({ path }) => path === INDEX);
  if (index.length === 0) {
    requireIndex(
      weights.map(({ path }) => path),
      name,
    );
  }
  return { kind: 'convert', dtype, settings, index, files: [...settings, ...index, ...weights] };
}

function graphsOf(name: string, files: readonly RepositoryFile[], dtype: PulledDtype): RepositoryFile[] {
  const suffix = suffixOf(dtype);
  const there = new Set(files.map(({ path }) => basename(path)));
  if (!hasDecoder(files, dtype)) {
    const stored = PULLED_DTYPES.filter((other) => hasDecoder(files, other));
    throw new UserError(
      stored.length === 0
        ? `${name} has ONNX graphs, but none of a PaliGemma that Glimpse runs.`
        : `${name} is not there as ${dtype}; --dtype can be ${stored.join(', ')}.`,
    );
  }
  return GRAPHS.flatMap((graph) => {
    const found = [suffix, ...FALLBACKS].find((candidate) => there.has(`${graph}${candidate}.onnx`));
    if (found === undefined) {
      throw new UserError(`${name} is no complete export of PaliGemma: onnx/${graph}.onnx is missing.`);
    }
    const file = `onnx/${graph}${found}.onnx`;
    // Weights lie beside their graph, in several files where there are many.
    return files.filter(
      ({ path }) =>
        path === file || (/^_data(?:_\d+)?$/.test(path.slice(file.length)) && path.startsWith(file)),
    );
  });
}

function hasDecoder(files: readonly RepositoryFile[], dtype: PulledDtype): boolean {
  return files.some(({ path }) => path === `onnx/decoder_model_merged${suffixOf(dtype)}.onnx`);
}

export function suffixOf(dtype: PulledDtype): string {
  return dtype in RECIPES
    ? RECIPES[dtype as Dtype].suffix
    : OTHER_SUFFIXES[dtype as keyof typeof OTHER_SUFFIXES];
}
