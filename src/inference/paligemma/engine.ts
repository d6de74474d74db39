import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Answer, Dtype, Finish, Provider, RunningProgress, Size, Task, Timings } from '../../task.js';
import { answerFormOf, joined, type AnswerForm, type ReadAnswer } from './answer-form.js';
import { UserError } from '../../errors.js';
import { openCheckpointFolder } from './checkpoint-folder.js';
import { withMasks, type MaskSource } from './detections.js';
import { FeatureCache, type SeenPicture } from './feature-cache.js';
import { generate, type Generated, type GenerativeModel } from './generate.js';
import { LanguageModel, takesFeaturesOnCard } from './language-model.js';
import { MaskDecoder } from './masks.js';
import { decodePicture } from './picture.js';
import { pixelValues, type Preprocessing } from './pixel-values.js';
import { partsOf, phrasingsOf, type Phrasing } from './prompt.js';
import { isRefusal, mayBecomeRefusal } from './refusal.js';
import { keptAtLimit, keptOfLoop, tokenLimit } from './stopping.js';
import { testSight, testWords } from './self-test.js';
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
  /** From then on, as `performance.now` tells it, the answer ends within one pass, with what there is. */
  readonly finishBy?: number | undefined;
  /** Called as the answer grows; from the beginning again when a refusal is retried. */
  readonly onProgress?: ((progress: RunningProgress) => void) | undefined;
}

/** The parts of an engine: a checkpoint's graphs, or in tests whatever speaks in their place. */
export interface EngineParts {
  readonly preprocessing: Preprocessing;
  /** Tokens that a prompt and its answer may have together. */
  readonly positions: number;
  readonly tokenizer: PromptTokenizer;
  readonly endTokens: ReadonlySet<number>;
  readonly visionEncoder: Closable & {
    encode(pixels: Float32Array, size: Size): Promise<ImageFeatures>;
  };
  readonly languageModel: Closable &
    GenerativeModel & {
      /** A picture of one place, for a prompt that tests the model. */
      blankPlace(): Promise<ImageFeatures>;
    };
  /** Undefined: objects are found with boxes only. */
  readonly maskDecoder: (Closable & MaskSource) | undefined;
}

interface Closable {
  close(): Promise<void>;
}

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
      positions: checkpoint.positions,
      tokenizer,
      endTokens: new Set(endTokenIds.length > 0 ? endTokenIds : [tokenizer.idOf('<eos>')]),
      visionEncoder: await VisionEncoder.open(checkpoint.visionEncoder, {
        ...options,
        keepFeatures: takesFeaturesOnCard(checkpoint, options),
      }),
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

  /**
   * Whether the language model works: it says two words. That takes no longer than a few tokens of an answer.
   *
   * @throws {SessionError} it does not
   */
  async testWords(): Promise<void> {
    await testWords(this.#parts);
  }

  /** The pixels that every picture is squashed to. */
  get square(): Size {
    return this.#parts.preprocessing.size;
  }

  /**
   * Whether the vision encoder works: it looks at a picture, which with a large square takes a processor many seconds.
   *
   * @throws {SessionError} it does not
   */
  async testSight(): Promise<void> {
    await testSight(this.#parts);
  }

  /** Waits for the running answer and gives the graphs' memory back. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#running]);
    const { visionEncoder, languageModel, maskDecoder } = this.#parts;
    this.#seen.clear();
    await Promise.all([visionEncoder.close(), languageModel.close(), maskDecoder?.close()]);
  }

  async #answer(
    file: Uint8Array,
    task: Task,
    { signal, finishBy, onProgress }: AnswerOptions,
  ): Promise<Answer> {
    signal?.throwIfAborted();
    const { clean } = this.#parts.tokenizer;
    const parts = partsOf(task, clean).map((part) => ({ part, phrasings: phrasingsOf(part, clean) }));
    onProgress?.({ stage: 'looking', text: '' });
    const { picture, decode, vision } = await this.#look(file, signal);

    const attempts: Attempt[] = [];
    const said: Attempt[] = [];
    for (const { part, phrasings } of parts) {
      const form = answerFormOf(part, picture.size, clean);
      const before = said.map(({ read }) => read);
      const attempt = async (phrasing: Phrasing): Promise<Attempt> => {
        const made = await this.#attempt(part, phrasing, form, picture, {
          signal,
          finishBy,
          onRead: (read) => onProgress?.({ stage: 'answering', text: joined([...before, read]).text }),
        });
        attempts.push(made);
        return made;
      };
      const first = await attempt(phrasings[0]);
      said.push(first.refused ? await attempt(phrasings[1]) : first);
    }
    const { text, objects } = joined(said.map(({ read }) => read));
    return {
      task,
      text,
      detections: await withMasks(objects, this.#parts.maskDecoder),
      finish: finishOf(said, text === '' && objects.length === 0),
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
    form: AnswerForm,
    { features }: SeenPicture,
    { signal, finishBy, onRead }: AttemptOptions,
  ): Promise<Attempt> {
    const { tokenizer, languageModel, endTokens, preprocessing, positions } = this.#parts;
    const ids = tokenizer.promptIds(features.tokens, phrasing.prompt);
    if (ids.length >= positions) {
      throw new UserError('With the picture these words are more than the model can read at once.', {
        mistake: { code: 'promptTooLong' },
      });
    }
    const generated = await generate(languageModel, ids, features, {
      endTokens,
      vocabularyEnd: tokenizer.vocabularyEnd,
      neverSaid: tokenizer.neverSaid,
      maxTokens: Math.min(tokenLimit(task, preprocessing.size), positions - ids.length),
      signal,
      finishBy,
      onToken: (tokens) => {
        const text = tokenizer.decode(tokens);
        if (!mayBecomeRefusal(text, phrasing)) {
          onRead(form.read(text, false));
        }
        return keptOfLoop(task.kind, tokens) ?? (form.isLoop(text) ? tokens.length : undefined);
      },
    });
    const { tokens, complete } = generated;
    const text = tokenizer.decode(complete ? tokens : tokens.slice(0, keptAtLimit(tokens)));
    const refused = isRefusal(text, phrasing);
    // The first words of a refusal that time cut off are no answer.
    const isNothing = refused || (!complete && mayBecomeRefusal(text, phrasing));
    return { generated, refused, read: isNothing ? NOTHING : form.read(text, complete) };
  }
}

/** A picture that was looked at, and the milliseconds that its stages took. */
interface Look {
  readonly picture: SeenPicture;
  readonly decode: number;
  readonly vision: number;
}

interface AttemptOptions {
  readonly signal: AbortSignal | undefined;
  readonly finishBy: number | undefined;
  /** Told what the answer says so far. */
  readonly onRead: (read: ReadAnswer) => void;
}

/** What came of one phrasing of a task or of a part of it. */
interface Attempt {
  readonly generated: Generated;
  readonly refused: boolean;
  /** What it says to the person who asked. */
  readonly read: ReadAnswer;
}

const NOTHING: ReadAnswer = { text: '', objects: [] };

/** @param said the last attempt at each part of the task */
function finishOf(said: readonly Attempt[], empty: boolean): Finish {
  if (said.every(({ refused }) => refused)) {
    return 'refused';
  }
  if (said.some(({ refused, generated }) => !refused && !generated.complete)) {
    return 'cut off';
  }
  return empty ? 'nothing found' : 'complete';
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
