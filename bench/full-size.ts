import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { answering, answeringLines } from './full-size/answering.js';
import { besideTheFloor, besideTransformers, besideTransformersJs } from './full-size/comparisons.js';
import { contenders } from './full-size/contenders/contenders.js';
import { loading } from './full-size/loading.js';
import { memoryBandwidth } from './full-size/memory-bandwidth.js';
import { converting, foldersOf, makeCheckpoint, makePublicExport } from './full-size/models.js';
import { OFFICIAL_MODELS, type OfficialModel } from './full-size/official-configs.js';
import { median, table } from './full-size/table.js';

const HELP = `npm run bench:full-size -- [MODEL] [--folder DIR] [--rounds N] [--python PYTHON] [--alone]

Makes a checkpoint of the official shapes with random weights, converts it to q4, and measures Glimpse beside
transformers.js and transformers (Python), each in a process of its own, in turns.

  MODEL      ${OFFICIAL_MODELS.join(', ')}; 3b-448 if left out
  --folder   where the models go (tens of gigabytes); those to compare with are used again (full-size-models)
  --rounds   how often each contender answers; the median counts (2)
  --python   a Python with torch, transformers and Pillow; without it that comparison is left out
  --alone    Glimpse alone: for models that the others do not fit beside
`;

const TOKENS = 40;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    folder: { type: 'string', default: 'full-size-models' },
    rounds: { type: 'string', default: '2' },
    python: { type: 'string' },
    alone: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const model = (positionals[0] ?? '3b-448') as OfficialModel;
if (values.help || !OFFICIAL_MODELS.includes(model)) {
  process.stderr.write(HELP);
  process.exit(values.help ? 0 : 2);
}

const folders = foldersOf(model, resolve(values.folder));
say(`Writing a random ${model} ...`);
await makeCheckpoint(model, folders);
say('Converting it ...');
const lines = await converting(folders);
if (!values.alone) {
  say('Writing an export of the public kind ...');
  await makePublicExport(folders);
}
say('Loading it ...');
lines.push(...(await loading(folders)));

say('Asking ...');
const { glimpse, transformersJs, transformers } = contenders(folders);
const { alone, python } = values;
const bandwidths: number[] = [];
const figures = await answering(
  {
    Glimpse: glimpse,
    ...(alone
      ? {}
      : {
          'transformers.js, public export': transformersJs(folders.publicExport),
          'transformers.js, our export': transformersJs(folders.ours),
        }),
    ...(alone || python === undefined
      ? {}
      : {
          'transformers, float32': transformers(python, 'float32'),
          'transformers, bfloat16': transformers(python, 'bfloat16'),
        }),
  },
  {
    rounds: Number(values.rounds),
    tokens: TOKENS,
    before: async () => {
      bandwidths.push(await memoryBandwidth(availableParallelism()));
    },
  },
);
const own = figures.get('Glimpse');
if (own === undefined) {
  throw new Error('Nobody was asked: --rounds is a number above 0.');
}
for (const [name, of] of figures) {
  lines.push(...answeringLines(name, of));
}
const [publicExport, ourExport] = ['transformers.js, public export', 'transformers.js, our export'] as const;
lines.push(
  ...(await besideTheFloor(own, folders.ours, median(bandwidths))),
  ...besideTransformersJs(own, figures.get(publicExport), publicExport, {
    firstToken: 0.6,
    speed: 1.5,
    memory: 0.7,
  }),
  ...besideTransformersJs(own, figures.get(ourExport), ourExport, { firstToken: 1, speed: 1, memory: 1 }),
  ...besideTransformers(own, figures.get('transformers, float32'), figures.get('transformers, bfloat16')),
);
process.stdout.write(
  `\nPaliGemma 2 ${model}, q4, random weights; answers of ${TOKENS} tokens\n\n${table(lines)}\n`,
);

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
