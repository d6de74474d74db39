import type { Detection } from '../task.js';

/** From this many objects on, long labels would hide what they are about. */
const CROWD = 12;
/** In a crowd, a label that is borne this often is told once. */
const OFTEN = 3;

/** A detection with its place in the answer, from 0, which decides its colour and its number. */
export interface NumberedDetection extends Detection {
  readonly index: number;
}

/** What is written on objects. */
export interface Names {
  /** On each object, in the same order; empty for nothing. */
  readonly names: readonly string[];
  /** Whether the name is a number, which the legend explains. */
  readonly numbered: readonly boolean[];
  /** What numbers stand for, a line for each label; empty where there are none. */
  readonly legend: readonly string[];
}

/** Objects bear their label, or in a crowd a number that a legend explains. */
export function namesFor(detections: readonly NumberedDetection[]): Names {
  const indices = new Map<string, number[]>();
  for (const { label, index } of detections) {
    indices.set(label, [...(indices.get(label) ?? []), index]);
  }
  const repeated = [...indices].filter(
    ([label, { length }]) => label !== '' && detections.length >= CROWD && length >= OFTEN,
  );
  const toldOnce = new Set(repeated.map(([label]) => label));
  const numbered = detections.map(({ label }) => toldOnce.has(label));
  return {
    names: detections.map(({ label, index }, place) => (numbered[place] ? `${index + 1}` : label)),
    numbered,
    legend: repeated.map(([label, all]) => `${ranges(all.map((index) => index + 1))}  ${label}`),
  };
}

/** `1–3, 7, 9–12`, of numbers in ascending order. */
function ranges(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last?.[1] === number - 1) {
      last[1] = number;
    } else {
      runs.push([number, number]);
    }
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}
