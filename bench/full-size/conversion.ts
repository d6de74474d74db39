import { convertCheckpoint } from '../../src/checkpoints/convert.js';
import type { Dtype } from '../../src/task.js';
import { peakMemory } from './contenders/figures.js';

/** Converts a checkpoint in a process of its own, so that its memory can be told. */
const [from, to, dtype] = process.argv.slice(2);

const started = performance.now();
await convertCheckpoint({ from, to, dtype: dtype as Dtype });
const figures = { elapsed: performance.now() - started, peakMemory: peakMemory() };
process.stdout.write(`${JSON.stringify(figures)}\n`);
