import type { Box, Size } from '../../task.js';

/** An object as the model spelled it out. */
export interface FoundObject {
  readonly label: string;
  readonly box: Box;
  /** `[16]`: the words of its mask, 0..127, for the mask decoder; undefined where the model gave none. */
  readonly maskCodes: readonly number[] | undefined;
}

export interface FoundObjects {
  /** In the model's order, each once. */
  readonly objects: readonly FoundObject[];
  /** How many were left out at the end, behind the last new one, because the model had named them before. */
  readonly duplicatesAtEnd: number;
}

/** Four places, perhaps the sixteen words of a mask, and a label up to the next separator or token. */
const ITEM = /((?:<loc\d{4}>\s*)+)((?:<seg\d{3}>\s*)*)([^;<]*)/g;
const MASK_WORDS = 16;

/**
 * The highest place, which is the picture's far edge. The training data's encoder rounds value * 1023; Google's
 * documentation divides by 1024 instead, which differs by a thousandth of the picture at most.
 */
const LAST_PLACE = 1023;

/** Two boxes of one label that share this much of their union are one object said twice. */
const SAME_OBJECT_OVERLAP = 0.9;

/**
 * Reads `<locY1><locX1><locY2><locX2> label ; ...`, which is how PaliGemma writes objects (big_vision,
 * `pp/proj/paligemma/segmentation.py`), and forgives what is wrong with it: half a box or an empty one is left out,
 * corners in the wrong order are swapped, a mask without all of its words is left out and its box kept, words before
 * and after are skipped.
 *
 * @param picture the upright picture that the boxes are measured in
 * @param asked the objects asked for: where there is only one, a box without a label is of it
 */
export function readObjects(text: string, picture: Size, asked: readonly string[]): FoundObjects {
  const said: FoundObject[] = [];
  for (const [, places, words, label] of text.matchAll(ITEM)) {
    for (const item of readItem(places, words, label.trim(), picture)) {
      said.push({ ...item, label: item.label || (asked.length === 1 ? asked[0] : '') });
    }
  }
  return eachOnce(said);
}

/** Leaves out the objects that were named before. */
export function eachOnce(said: readonly FoundObject[]): FoundObjects {
  const objects: FoundObject[] = [];
  let duplicatesAtEnd = 0;
  for (const object of said) {
    if (objects.some((other) => isSameObject(other, object))) {
      duplicatesAtEnd++;
    } else {
      objects.push(object);
      duplicatesAtEnd = 0;
    }
  }
  return { objects, duplicatesAtEnd };
}

/** The part of an unfinished answer in which no object is cut off. */
export function wholeItems(text: string): string {
  return text.slice(0, text.lastIndexOf(';') + 1);
}

/** One item, or several where the model forgot what stands between them: the last has the mask and the label. */
function* readItem(places: string, words: string, label: string, picture: Size): Generator<FoundObject> {
  const numbers = numbersIn(places);
  const codes = numbersIn(words);
  for (let start = numbers.length % 4; start < numbers.length; start += 4) {
    const box = toBox(numbers.slice(start, start + 4), picture);
    if (box === undefined) {
      continue;
    }
    const isLast = start + 4 === numbers.length;
    yield {
      box,
      label: isLast ? label : '',
      maskCodes: isLast && codes.length === MASK_WORDS ? codes : undefined,
    };
  }
}

function numbersIn(tokens: string): number[] {
  return Array.from(tokens.matchAll(/\d+/g), ([digits]) => Number(digits));
}

function toBox([y1, x1, y2, x2]: readonly number[], { width, height }: Size): Box | undefined {
  if (x1 === x2 || y1 === y2 || Math.max(y1, x1, y2, x2) > LAST_PLACE) {
    return undefined;
  }
  return {
    left: (Math.min(x1, x2) / LAST_PLACE) * width,
    top: (Math.min(y1, y2) / LAST_PLACE) * height,
    right: (Math.max(x1, x2) / LAST_PLACE) * width,
    bottom: (Math.max(y1, y2) / LAST_PLACE) * height,
  };
}

function isSameObject(a: FoundObject, b: FoundObject): boolean {
  return a.label === b.label && overlap(a.box, b.box) > SAME_OBJECT_OVERLAP;
}

/** Intersection over union of two rectangles, 0..1. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) {
    return 0;
  }
  const shared = width * height;
  return shared / (area(a) + area(b) - shared);
}

function area({ left, top, right, bottom }: Box): number {
  return (right - left) * (bottom - top);
}
