import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { answering, answeringLines } from './full-size/answering.js';
import { contenders } from './full-size/contenders/contenders.js';
import { watchingGraphicsMemory } from './full-size/graphics-memory.js';
import { convertAs, foldersOf, makeCheckpoint } from './full-size/models.js';
import { OFFICIAL_MODELS, type OfficialModel } from './full-size/official-configs.js';
import { gigabytes, ratioLine, table, type Line } from './full-size/table.js';
import { DTYPES_FOR_CARDS, type Dtype } from '../src/task.js';

const HELP = `npm run bench:graphics-card -- [MODEL] [--folder DIR] [--rounds N] [--dtype DTYPE] [--python PYTHON]

Makes a checkpoint of the official shapes with random weights, converts it, compares what Glimpse says on this machine's
graphics card, through WebGPU, with what it says on the processor, and measures it beside transformers (Python) in
bfloat16 on the same card.

  MODEL      ${OFFICIAL_MODELS.join(', ')}; 3b-448 if left out
  --folder   where the models go (full-size-models)
  --rounds   how often each contender answers; the median counts (3)
  --dtype    of Glimpse: q4f16 if left out
  --python   a Python with torch for this card, transformers and Pillow; without it that comparison is left out
`;

const TOKENS = 40;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    folder: { type: 'string', default: 'full-size-models' },
    rounds: { type: 'string', default: '3' },
    dtype: { type: 'string', default: 'q4f16' },
    python: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const model = (positionals[0] ?? '3b-448') as OfficialModel;
const dtype = values.dtype as Dtype;
if (values.help || !OFFICIAL_MODELS.includes(model)) {
  process.stderr.write(HELP);
  process.exit(values.help ? 0 : 2);
}

const folders = foldersOf(model, resolve(values.folder));
await makeCheckpoint(model, folders);
await convertAs(dtype, folders);
const { glimpseOn, transformers } = contenders(folders);
const lines: Line[] = [];

// A processor takes minutes for an answer in a dtype that is for cards; `npm run bench:dtypes` compares that one.
if (!DTYPES_FOR_CARDS.has(dtype)) {
  const onProcessor = (await glimpseOn('cpu', dtype)(TOKENS)).said ?? [];
  const onCard = (await glimpseOn('webgpu', dtype)(TOKENS)).said ?? [];
  const differs = onProcessor.findIndex((token, index) => token !== onCard[index]);
  const same = differs === -1 ? onProcessor.length : differs;
  lines.push({ what: 'tokens as on the processor, until one differs', measured: `${same} of ${TOKENS}` });
}

const graphicsMemory = new Map<string, number>();
const figures = await answering(
  {
    Glimpse: watchingGraphicsMemory('Glimpse', graphicsMemory, glimpseOn('webgpu', dtype)),
    ...(values.python === undefined
      ? {}
      : {
          transformers: watchingGraphicsMemory(
            'transformers',
            graphicsMemory,
            transformers(values.python, 'bfloat16', 'cuda'),
          ),
        }),
  },
  { rounds: Number(values.rounds), tokens: TOKENS, before: () => Promise.resolve() },
);
for (const [name, of] of figures) {
  lines.push(...answeringLines(name, of));
  const memory = graphicsMemory.get(name);
  lines.push({
    what: `${name}: memory of the card`,
    measured: memory === undefined ? 'not told' : gigabytes(memory),
  });
}
const [own, other] = [figures.get('Glimpse'), figures.get('transformers')];
if (own !== undefined && other !== undefined) {
  lines.push(
    ratioLine('first token / transformers', own.firstToken / other.firstToken, { atMost: 1 }),
    ratioLine('tokens a second / transformers', other.perToken / own.perToken, { atLeast: 1 }),
  );
}
process.stdout.write(
  `\nPaliGemma 2 ${model}, ${dtype} through WebGPU, random weights; answers of ${TOKENS} tokens\n\n${table(lines)}\n`,
);
