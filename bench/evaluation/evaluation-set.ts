import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Box, Task } from '../../src/task.js';
import type { Expected, ExpectedObject } from './scoreboard.js';
import type { PixelMask } from './scores.js';

export interface EvaluationPicture {
  /** The picture's path. */
  readonly file: string;
  readonly cases: readonly { readonly task: Task; readonly expected: Expected }[];
}

/** Left, top, right, bottom in pixels. */
type Corners = readonly [number, number, number, number];

/** One line of `truth.jsonl`, which training/README.md describes. */
interface TruthLine {
  readonly picture: string;
  readonly objects: readonly { readonly box: Corners; readonly mask: readonly number[] }[];
  readonly cases: readonly TruthCase[];
}

type TruthCase =
  | { readonly task: 'ocr'; readonly expected: string }
  | TruthOf<'ask', string>
  | TruthOf<'describe', string>
  | TruthOf<'detect' | 'segment', readonly TruthObject[]>;

type TruthOf<Kind extends Task['kind'], Value> = Omit<Extract<Task, { kind: Kind }>, 'kind'> & {
  readonly task: Kind;
  readonly expected: Value;
};

interface TruthObject {
  readonly label: string;
  readonly box: Corners;
  /** Which of the picture's objects it is, for its mask; absent for printed text. */
  readonly object?: number;
}

/** Masks are stored as a square of this many pixels a side, stretched over their box. */
const MASK_SIDE = 64;

/** The pictures of an evaluation folder with what is to be answered about each. */
export async function readEvaluationSet(folder: string): Promise<EvaluationPicture[]> {
  const lines = (await readFile(join(folder, 'truth.jsonl'), 'utf8')).trim().split('\n');
  return lines.map((line) => {
    const truth = JSON.parse(line) as TruthLine;
    return {
      file: join(folder, truth.picture),
      cases: truth.cases.map(({ task: kind, expected, ...words }) => ({
        task: { kind, ...words } as Task,
        expected:
          typeof expected === 'string' ? expected : expected.map((object) => asDetection(object, truth)),
      })),
    };
  });
}

function asDetection({ label, box, object }: TruthObject, { objects }: TruthLine): ExpectedObject {
  const detection = { label, box: asBox(box) };
  return object === undefined
    ? detection
    : { ...detection, mask: asMask(detection.box, objects[object].mask) };
}

function asBox([left, top, right, bottom]: Corners): Box {
  return { left, top, right, bottom };
}

/**
 * @param runs start and length of each run of pixels inside the object, counted row by row
 */
function asMask(box: Box, runs: readonly number[]): PixelMask {
  const grid = new Uint8Array(MASK_SIDE * MASK_SIDE);
  for (let run = 0; run < runs.length; run += 2) {
    grid.fill(255, runs[run], runs[run] + runs[run + 1]);
  }
  const [left, top] = [Math.round(box.left), Math.round(box.top)];
  const [width, height] = [Math.round(box.right) - left, Math.round(box.bottom) - top];
  const coverage = new Uint8Array(width * height);
  const cell = (pixel: number, start: number, end: number): number =>
    Math.min(MASK_SIDE - 1, Math.max(0, Math.floor(((pixel + 0.5 - start) / (end - start)) * MASK_SIDE)));
  for (let y = 0; y < height; y++) {
    const row = cell(top + y, box.top, box.bottom) * MASK_SIDE;
    for (let x = 0; x < width; x++) {
      coverage[y * width + x] = grid[row + cell(left + x, box.left, box.right)];
    }
  }
  return { left, top, width, height, coverage };
}
