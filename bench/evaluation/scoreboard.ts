import { coverageOf, placeOf } from '../../src/rendering/mask-coverage.js';
import type { Answer, Detection, Mask, Size } from '../../src/task.js';
import { editDistance, maskIou, matchBoxes, type PixelMask } from './scores.js';

/** An object as it truly lies in a picture. */
export interface ExpectedObject extends Omit<Detection, 'mask'> {
  readonly mask?: PixelMask;
}

/** What the right answer to a case is: words, or objects. */
export type Expected = string | readonly ExpectedObject[];

/** A box counts as found when it overlaps the true one at least this much. */
const LEAST_IOU = 0.5;

/** Adds up how right answers are, and shows the sums as a table. */
export class Scoreboard {
  #found = 0;
  #wanted = 0;
  readonly #boxOverlaps: number[] = [];
  readonly #maskOverlaps: number[] = [];
  readonly #exact = { ask: [] as boolean[], describe: [] as boolean[], ocr: [] as boolean[] };
  #wrongCharacters = 0;
  #characters = 0;

  add(answer: Answer, expected: Expected): void {
    const { kind } = answer.task;
    if (typeof expected === 'string') {
      if (kind === 'detect' || kind === 'segment') {
        throw new TypeError(`The truth of a ${kind} case must be objects.`);
      }
      this.#exact[kind].push(answer.text === expected);
      if (kind === 'ocr') {
        this.#wrongCharacters += editDistance(answer.text, expected);
        this.#characters += expected.length;
      }
    } else if (kind === 'detect') {
      const matched = matchBoxes(answer.detections, expected, LEAST_IOU);
      this.#found += answer.detections.length;
      this.#wanted += expected.length;
      this.#boxOverlaps.push(...matched.map(({ iou }) => iou));
    } else {
      this.#addMasks(answer, expected);
    }
  }

  /** An object that was not found, or found without a mask, counts as an overlap of 0. */
  #addMasks({ detections, size }: Answer, expected: readonly ExpectedObject[]): void {
    const matched = matchBoxes(detections, expected, 0.01);
    expected.forEach(({ mask }, index) => {
      const pair = matched.find((candidate) => candidate.expected === index);
      const found = pair === undefined ? undefined : detections[pair.found].mask;
      this.#maskOverlaps.push(
        mask === undefined || found === undefined ? 0 : maskIou(inPixels(found, size), mask),
      );
    });
  }

  /** Of the boxes, at an overlap of a half, 0 to 1. */
  get detectF1(): number {
    return (2 * this.#boxOverlaps.length) / (this.#found + this.#wanted);
  }

  /** Wrong characters of those printed, from 0. */
  get ocrError(): number {
    return this.#wrongCharacters / this.#characters;
  }

  /** One row a figure: what it is, what was reached, over how many. */
  table(): string {
    const right = this.#boxOverlaps.length;
    const rows = [
      ['detect: F1 at IoU 0.5', this.detectF1, `${this.#wanted} objects`],
      ['detect: mean IoU of the boxes found', mean(this.#boxOverlaps), `${right} boxes`],
      ['segment: mean IoU of the masks', mean(this.#maskOverlaps), `${this.#maskOverlaps.length} objects`],
      ['ask: exact', share(this.#exact.ask), `${this.#exact.ask.length} questions`],
      ['describe: exact', share(this.#exact.describe), `${this.#exact.describe.length} descriptions`],
      ['ocr: character error', this.ocrError, `${this.#characters} characters`],
      ['ocr: exact', share(this.#exact.ocr), `${this.#exact.ocr.length} pictures`],
    ] as const;
    const lines = rows.map(([name, value, over]) => `| ${name} | ${value.toFixed(3)} | ${over} |`);
    return ['| figure | reached | over |', '| --- | --- | --- |', ...lines].join('\n');
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function share(values: readonly boolean[]): number {
  return values.filter(Boolean).length / values.length;
}

function inPixels(mask: Mask, picture: Size): PixelMask {
  const place = placeOf(mask, picture);
  return { ...place, coverage: coverageOf(mask, place) };
}
