/** The ground floor: the words that every room shares. Nothing here imports another room. */

/** The languages PaliGemma 2 answers in: English and the 34 of Crossmodal-3600, as ISO 639-1 codes. */
// prettier-ignore
export const LANGUAGES = [
  'ar', 'bn', 'cs', 'da', 'de', 'el', 'en', 'es', 'fa', 'fi', 'fil', 'fr', 'he', 'hi', 'hr', 'hu', 'id', 'it',
  'ja', 'ko', 'mi', 'nl', 'no', 'pl', 'pt', 'ro', 'ru', 'sv', 'sw', 'te', 'th', 'tr', 'uk', 'vi', 'zh',
] as const;
export type Language = (typeof LANGUAGES)[number];

/** What a person wants to know about a picture. */
export type Task =
  | { readonly kind: 'describe'; readonly language: Language; readonly length: 'short' | 'long' }
  | { readonly kind: 'ocr' }
  | { readonly kind: 'ask'; readonly question: string; readonly language: Language }
  | { readonly kind: 'detect'; readonly objects: readonly string[] }
  | { readonly kind: 'segment'; readonly objects: readonly string[] };

/**
 * What parts a list in one script or another: commas and semicolons, line breaks, tabs, bars, bullets. Not the dot of
 * Catalan (`paral·lel`), nor the one between the parts of a foreign name in Chinese and Japanese (`テディ・ベア`).
 */
const SEPARATORS = new RegExp(
  [
    '[;,|¦•\\t\\n\\v\\f\\r\\u0085\\u2028\\u2029]',
    '[\\u037E\\u055D\\u060C\\u061B\\u07F8\\u104A\\u1363\\u1364\\u1802\\u1808\\u1B5E]',
    '[\\u2E32\\u2E34\\u2E35\\u2E41\\u2E4C\\u3001\\uA4FE\\uA60D\\uA6F5\\uA6F6\\uA9C8]',
    '[\\uFE10\\uFE11\\uFE14\\uFE50\\uFE51\\uFE54\\uFF0C\\uFF1B\\uFF5C\\uFF64]',
    '(?<!l|\\p{sc=Han})[\\u00B7\\u0387\\u2027]|[\\u00B7\\u0387\\u2027](?!l|\\p{sc=Han})',
    '(?<!\\p{sc=Katakana}|\\u30FC)[\\u30FB\\uFF65]|[\\u30FB\\uFF65](?!\\p{sc=Katakana})',
  ].join('|'),
  'iu',
);

/** A list of objects as people write it: `cat ; dog`, `cat, dog`, `猫、狗` or `قطة، كلب`. Empty where there is none. */
export function splitObjects(words: string): string[] {
  return words
    .split(SEPARATORS)
    .map((object) => object.trim())
    .filter((object) => object !== '');
}

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A decoded picture: `[height, width, 3]` bytes of red, green and blue, upright. */
export interface RgbPicture extends Size {
  readonly data: Uint8Array;
}

/** A rectangle in pixels of the upright picture; left < right, top < bottom; may lie between pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The shape of an object: a small grid of numbers spread evenly over a box, whatever the size of the picture. */
export interface Mask extends Size {
  /** What the grid lies over. */
  readonly box: Box;
  /** `[height * width]`, row by row: above 0 inside the object, below 0 outside, nominally -1..1. */
  readonly values: Float32Array;
}

/** One object that the model found. */
export interface Detection {
  readonly label: string;
  readonly box: Box;
  readonly mask?: Mask;
}

/**
 * How an answer ended.
 * - `complete`: the model ended it itself.
 * - `cut off`: it met the task's token limit or began to repeat itself; the text is what came before.
 * - `refused`: the model said that it was not trained for this, in both phrasings.
 * - `nothing found`: the model ended it itself and named no object, no text, nothing.
 */
export type Finish = 'complete' | 'cut off' | 'refused' | 'nothing found';

/** Milliseconds that each stage took. */
export interface Timings {
  /** Reading the file's pixels, upright, and resizing them to the model's square. */
  readonly decode: number;
  /** The vision encoder; 0 when the picture's features were still cached. */
  readonly vision: number;
  /** The prompt's pass through the decoder. */
  readonly prefill: number;
  /** Mean time of one generated token. */
  readonly decodePerToken: number;
  /** Tokens generated, over all attempts. */
  readonly tokens: number;
}

/** A picture as a file in memory. */
export interface EncodedPicture extends Size {
  readonly mediaType: 'image/png' | 'image/jpeg';
  readonly bytes: Uint8Array;
}

/** What the model says to a task about one picture. */
export interface Answer {
  readonly task: Task;
  /** Words for a person: the description, the text read, the reply; for detect and segment the labels found. */
  readonly text: string;
  readonly detections: readonly Detection[];
  readonly finish: Finish;
  /** The upright picture that the boxes and masks refer to. */
  readonly size: Size;
  /** True when the file holds several frames, of which only the first was looked at. */
  readonly firstFrameOnly: boolean;
  /** The picture with boxes and masks drawn on it, where there are any. */
  readonly picture?: EncodedPicture;
  readonly timings: Timings;
}

/** What can be told of a job that runs. */
export interface RunningProgress {
  readonly stage: 'looking' | 'answering';
  /** The words so far; empty while looking, and for detect and segment the labels found so far. */
  readonly text: string;
}

/** What can be told of a job that waits; the one at place 1 is the next to run. */
export interface WaitingProgress {
  readonly stage: 'waiting';
  readonly place: number;
}

export type Progress = WaitingProgress | RunningProgress;

/**
 * How a checkpoint's weights are stored: 32 or 16 bit floats, or blocks of 8 or 4 bit integers. `q4f16` is for graphics
 * cards alone: it also computes in 16-bit floats.
 */
export const DTYPES = ['fp32', 'fp16', 'q8', 'q4', 'q4f16'] as const;
export type Dtype = (typeof DTYPES)[number];

/** Dtypes that a processor would compute in several times more slowly than in the others. */
export const DTYPES_FOR_CARDS: ReadonlySet<Dtype | undefined> = new Set(['q4f16']);

/** What the model runs on: the processor, or a graphics card through WebGPU. */
export const PROVIDERS = ['cpu', 'webgpu'] as const;
export type Provider = (typeof PROVIDERS)[number];
