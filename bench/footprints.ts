import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { footprintsOf } from '../src/inference/paligemma/footprint.js';
import { DTYPES, type Dtype } from '../src/task.js';
import { contenders } from './full-size/contenders/contenders.js';
import { convertAs, foldersOf, makeCheckpoint } from './full-size/models.js';
import { OFFICIAL_MODELS, type Layers, type OfficialModel } from './full-size/official-configs.js';

const HELP = `npx tsx bench/footprints.ts [MODEL ...] [--dtype DTYPE] [--layers D,V]

Makes a checkpoint of the official shapes with random weights, converts it, lets it answer in a process of its own on the
processor, and prints the most memory that process has had beside what Glimpse had said it would need.

  MODEL     ${OFFICIAL_MODELS.join(', ')}; 3b-224, 3b-448 and 3b-896 if left out
  --dtype   ${DTYPES.join(', ')} (q8)
  --layers  of the decoder and the vision tower, for machines that the whole does not fit (26,27 for the 3B)
`;

/** Of one answer; the cache that they need is small beside a picture's. */
const TOKENS = 40;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dtype: { type: 'string', default: 'q8' },
    layers: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const models = (positionals.length > 0 ? positionals : ['3b-224', '3b-448', '3b-896']) as OfficialModel[];
const dtype = values.dtype as Dtype;
if (values.help || !models.every((model) => OFFICIAL_MODELS.includes(model)) || !DTYPES.includes(dtype)) {
  process.stderr.write(HELP);
  process.exit(values.help ? 0 : 2);
}
const layers = values.layers === undefined ? undefined : layersFrom(values.layers);

process.stdout.write(
  '| model | estimate | measured peak | estimate / measured |\n| --- | --- | --- | --- |\n',
);
for (const model of models) {
  const folder = await mkdtemp(join(tmpdir(), 'glimpse-footprint-'));
  try {
    process.stdout.write(`${await lineOf(model, folder)}\n`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function lineOf(model: OfficialModel, folder: string): Promise<string> {
  const folders = foldersOf(model, folder);
  await makeCheckpoint(model, folders, layers);
  await convertAs(dtype, folders);
  await rm(folders.checkpoint, { recursive: true });
  const [footprint] = await footprintsOf(folders.ours);
  const estimate = footprint.weights + footprint.workspace;
  const { peakMemory } = await contenders(folders).glimpseOn('cpu', dtype)(TOKENS);
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;
  const name = layers === undefined ? model : `${model}, ${layers.decoder} + ${layers.vision} layers`;
  return `| ${name}, ${dtype} | ${gigabytes(estimate)} | ${gigabytes(peakMemory)} | ${(estimate / peakMemory).toFixed(2)} |`;
}

function layersFrom(text: string): Layers {
  const [decoder, vision] = text.split(',').map(Number);
  return { decoder, vision };
}
