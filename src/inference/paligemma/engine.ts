import { setImmediate as nextTurn } from 'node:timers/promises';
import type {
  Answer,
  Detection,
  Dtype,
  Finish,
  Progress,
  Provider,
  Size,
  Task,
  Timings,
} from '../../task.js';
import { openCheckpointFolder } from './checkpoint-folder.js';
import { FeatureCache, type SeenPicture } from './feature-cache.js';
import { generate, type Generated, type GenerativeModel } from './generate.js';
import { LanguageModel } from './language-model.js';
import { MaskDecoder, spreadMask, type MaskGrid } from './masks.js';
import { readObjects, wholeItems, type FoundObject } from './output.js';
import { decodePicture } from './picture.js';
import { pixelValues, type Preprocessing } from './pixel-values.js';
import { cleanObjects, phrasingsOf, type Phrasing } from './prompt.js';
import { isRefusal, mayBecomeRefusal } from './refusal.js';
import { repeatedTail, TOKEN_LIMITS } from './stopping.js';
import { PromptTokenizer } from './tokenizer.js';
import { VisionEncoder, type ImageFeatures } from './vision-encoder.js';

export interface LoadOptions {
  /** The stored precision to prefer, graph by graph; where a graph has it not, or none is named, the most exact. */
  readonly dtype?: Dtype | undefined;
  readonly provider?: Provider | undefined;
  /** Of the CPU provider; undefined: as many as ONNX Runtime chooses. */
  readonly threads?: number | undefined;
}

export interface AnswerOptions {
  /** Stops the answer within one token; `answer` then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called as the answer grows; from the beginning again when a refusal is retried. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** The parts of an engine: a checkpoint's graphs, or in tests whatever speaks in their place. */
export interface EngineParts {
  readonly preprocessing: Preprocessing;
  readonly tokenizer: PromptTokenizer;
  readonly endTokens: ReadonlySet<number>;
  readonly visionEncoder: Closable & {
    encode(pixels: Float32Array, size: Preprocessing['size']): Promise<ImageFeatures>;
  };
  readonly languageModel: Closable & GenerativeModel;
  /** Undefined: objects are found with boxes only. */
  readonly maskDecoder: (Closable & { decode(codes: readonly number[]): Promise<MaskGrid> }) | undefined;
}

interface Closable {
  close(): Promise<void>;
}

/** Bytes of all masks of an answer; objects past it keep their box alone. */
const MASK_BUDGET = 256 * 2 ** 20;

/** This many objects said twice are the start of a loop, one may be a slip. */
const DUPLICATES_OF_A_LOOP = 2;

/** PaliGemma 2 in this process, which each of its passes blocks: give it a process of its own. */
export class PaliGemma {
  readonly #parts: EngineParts;
  readonly #seen = new FeatureCache();
  #running: Promise<unknown> | undefined;

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  /**
   * Opens a checkpoint folder, laid out as transformers.js lays it out. Takes seconds, and as much memory as its
   * graphs are large.
   *
   * @throws {UserError} the folder is no checkpoint that Glimpse runs, or the provider is not to be had
   */
  static async load(
    folder: string,
    { dtype, provider = 'cpu', threads }: LoadOptions = {},
  ): Promise<PaliGemma> {
    const checkpoint = await openCheckpointFolder(folder, dtype);
    const tokenizer = new PromptTokenizer(
      checkpoint.tokenizer,
      checkpoint.tokenizerConfig,
      checkpoint.imageTokenId,
    );
    const { endTokenIds, maskDecoder } = checkpoint;
    const options = { provider, threads };
    return new PaliGemma({
      preprocessing: checkpoint.preprocessing,
      tokenizer,
      endTokens: new Set(endTokenIds.length > 0 ? endTokenIds : [tokenizer.idOf('<eos>')]),
      visionEncoder: await VisionEncoder.open(checkpoint, options),
      languageModel: await LanguageModel.open(checkpoint, options),
      maskDecoder: maskDecoder === undefined ? undefined : await MaskDecoder.open(maskDecoder, options),
    });
  }

  /**
   * Answers one task about one picture; `picture`, with the objects drawn in, is left to the caller.
   *
   * @param file a PNG, JPEG, WebP, GIF or AVIF file
   * @throws {UserError} the picture can't be read, or the task is empty or too long
   * @throws the signal's reason, once it is aborted
   * @throws {Error} another answer is still being made: the order of answers is the caller's to keep
   */
  async answer(file: Uint8Array, task: Task, options: AnswerOptions = {}): Promise<Answer> {
    if (this.#running !== undefined) {
      throw new Error('The engine makes one answer at a time.');
    }
    const answer = this.#answer(file, task, options);
    this.#running = answer;
    try {
      return await answer;
    } finally {
      this.#running = undefined;
    }
  }

  /** Waits for the running answer and gives the graphs' memory back. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#running]);
    const { visionEncoder, languageModel, maskDecoder } = this.#parts;
    await Promise.all([visionEncoder.close(), languageModel.close(), maskDecoder?.close()]);
  }

  async #answer(file: Uint8Array, task: Task, { signal, onProgress }: AnswerOptions): Promise<Answer> {
    const phrasings = phrasingsOf(task, this.#parts.tokenizer.clean);
    onProgress?.({ stage: 'looking', text: '' });
    const { picture, decode, vision } = await this.#look(file, signal);

    const attempts: Attempt[] = [];
    for (const phrasing of phrasings) {
      const attempt = await this.#attempt(task, phrasing, picture, { signal, onProgress });
      attempts.push(attempt);
      if (!attempt.refused) {
        break;
      }
    }
    const last = attempts[attempts.length - 1];
    return {
      task,
      ...(await this.#read(last, picture.size)),
      size: picture.size,
      firstFrameOnly: picture.firstFrameOnly,
      timings: { decode, vision, ...timingsOf(attempts) },
    };
  }

  /** The picture's features, from the cache where it was looked at before, and the milliseconds that took. */
  async #look(file: Uint8Array, signal: AbortSignal | undefined): Promise<Look> {
    const { preprocessing, visionEncoder } = this.#parts;
    const started = performance.now();
    const key = FeatureCache.keyOf(file);
    const seen = this.#seen.get(key);
    if (seen !== undefined) {
      return { picture: seen, decode: performance.now() - started, vision: 0 };
    }
    const { data, width, height, firstFrameOnly } = await decodePicture(file);
    const pixels = pixelValues(data, { width, height }, preprocessing);
    await nextTurn();
    signal?.throwIfAborted();
    const decoded = performance.now();
    const features = await visionEncoder.encode(pixels, preprocessing.size);
    const picture = { features, size: { width, height }, firstFrameOnly };
    this.#seen.set(key, picture);
    return { picture, decode: decoded - started, vision: performance.now() - decoded };
  }

  async #attempt(
    task: Task,
    phrasing: Phrasing,
    { features, size }: SeenPicture,
    { signal, onProgress }: AnswerOptions,
  ): Promise<Attempt> {
    const { tokenizer, languageModel, endTokens } = this.#parts;
    const asked = 'objects' in task ? cleanObjects(task.objects, tokenizer.clean) : undefined;
    const onToken = (tokens: readonly number[]): number | undefined => {
      const text = tokenizer.decode(tokens);
      const found = asked && readObjects(wholeItems(text), size, asked);
      if (!mayBecomeRefusal(text, phrasing)) {
        onProgress?.({ stage: 'answering', text: found ? labelsOf(found.objects) : plainText(text) });
      }
      const repeated = repeatedTail(tokens);
      return repeated > 0 || (found !== undefined && found.duplicates >= DUPLICATES_OF_A_LOOP)
        ? tokens.length - repeated
        : undefined;
    };
    const generated = await generate(
      languageModel,
      tokenizer.promptIds(features.tokens, phrasing.prompt),
      features,
      {
        endTokens,
        vocabularyEnd: tokenizer.imageTokenId,
        maxTokens: TOKEN_LIMITS[task.kind],
        onToken,
        signal,
      },
    );
    const text = tokenizer.decode(generated.tokens);
    return { generated, text, asked, refused: isRefusal(text, phrasing) };
  }

  /** What an attempt says to the person who asked. */
  async #read(
    { generated, text, asked, refused }: Attempt,
    size: Size,
  ): Promise<Pick<Answer, 'text' | 'detections' | 'finish'>> {
    if (refused) {
      return { text: '', detections: [], finish: 'refused' };
    }
    if (asked === undefined) {
      const plain = plainText(text);
      return { text: plain, detections: [], finish: finishOf(generated.complete, plain === '') };
    }
    const { objects } = readObjects(generated.complete ? text : wholeItems(text), size, asked);
    return {
      text: labelsOf(objects),
      detections: await this.#withMasks(objects, size),
      finish: finishOf(generated.complete, objects.length === 0),
    };
  }

  async #withMasks(objects: readonly FoundObject[], picture: Size): Promise<Detection[]> {
    const { maskDecoder } = this.#parts;
    const detections: Detection[] = [];
    let bytesLeft = MASK_BUDGET;
    for (const { label, box, maskCodes } of objects) {
      const bytes = (box.right - box.left) * (box.bottom - box.top);
      if (maskDecoder === undefined || maskCodes === undefined || bytes > bytesLeft) {
        detections.push({ label, box });
        continue;
      }
      bytesLeft -= bytes;
      detections.push({ label, box, mask: spreadMask(await maskDecoder.decode(maskCodes), box, picture) });
    }
    return detections;
  }
}

/** A picture that was looked at, and the milliseconds that its stages took. */
interface Look {
  readonly picture: SeenPicture;
  readonly decode: number;
  readonly vision: number;
}

/** What came of one phrasing of a task. */
interface Attempt {
  readonly generated: Generated;
  readonly text: string;
  /** The objects asked for; undefined for tasks answered in words. */
  readonly asked: readonly string[] | undefined;
  readonly refused: boolean;
}

function finishOf(complete: boolean, empty: boolean): Finish {
  if (!complete) {
    return 'cut off';
  }
  return empty ? 'nothing found' : 'complete';
}

function labelsOf(objects: readonly FoundObject[]): string {
  return objects
    .map(({ label }) => label)
    .filter(Boolean)
    .join(', ');
}

/** Words without the places and masks that a model may scatter among them. */
function plainText(text: string): string {
  return text.replace(/<(?:loc\d{4}|seg\d{3})>/g, '').trim();
}

function timingsOf(attempts: readonly Attempt[]): Pick<Timings, 'prefill' | 'decodePerToken' | 'tokens'> {
  const sum = (of: (generated: Generated) => number): number =>
    attempts.reduce((total, { generated }) => total + of(generated), 0);
  const tokens = sum((generated) => generated.tokens.length);
  return {
    prefill: sum((generated) => generated.prefill),
    decodePerToken: tokens === 0 ? 0 : sum((generated) => generated.decode) / tokens,
    tokens,
  };
}
