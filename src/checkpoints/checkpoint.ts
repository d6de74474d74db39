import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.js';
import { explainReadError, isMissing } from '../file-errors.js';
import { ADAPTER_CONFIG, adapterRefusal, isAdapter } from './adapter.js';
import { parseConfig, type CheckpointConfig } from './config.js';
import { FLOAT_BYTES, toFloat32, type FloatFormat } from './float.js';
import type { Rows } from './rows.js';
import { SafetensorsFile, type TensorEntry } from './safetensors.js';
import { canonicalName, EMBEDDING, expectedShapes, HEAD } from './tensor-names.js';
import { tokenizerSize, vocabularyWarnings } from './tokenizer-size.js';

/** Bytes of a file that are read at once: enough for disks, and few enough that threads can share one tensor's rows. */
export const READ_BYTES = 2 << 20;

/** What is known of a `.safetensors` file by its header. */
interface WeightFile {
  readonly entries: ReadonlyMap<string, TensorEntry>;
}

type StoredTensor<File extends WeightFile> = TensorEntry & { readonly file: File };

/** A Hugging Face PaliGemma 2 folder, its tensors checked against its configuration. Whoever opens it closes it. */
export class Checkpoint {
  private constructor(
    readonly config: CheckpointConfig,
    /** Ids that mean something: rows of the head from there on are padding. */
    readonly tokens: number,
    /** What the owner had better know of it, in a sentence each. */
    readonly warnings: readonly string[],
    private readonly files: readonly SafetensorsFile[],
    private readonly tensors: ReadonlyMap<string, StoredTensor<SafetensorsFile>>,
  ) {}

  /**
   * @param folder holds `config.json`, `tokenizer.json` and `model.safetensors`, or several such files and
   *   `model.safetensors.index.json`
   * @throws {UserError} a file is missing or damaged, or the tensors are not those of the configuration
   */
  static async open(folder: string): Promise<Checkpoint> {
    await requireNoAdapter(folder);
    const config = parseConfig(await readJson(folder, 'config.json'));
    const tokenizer = await readJson(folder, 'tokenizer.json');
    const tokens = tokenizerSize(tokenizer, config.imageTokenId);
    const warnings = vocabularyWarnings(tokenizer, config);
    const files: SafetensorsFile[] = [];
    try {
      for (const name of await weightFiles(folder)) {
        files.push(await SafetensorsFile.open(join(folder, name)));
      }
      return new Checkpoint(config, tokens, warnings, files, matchTensors(files, config));
    } catch (error) {
      await closeAll(files);
      throw error;
    }
  }

  /** The language model's head without the rows that pad it, so that no padding can win. */
  get head(): { readonly name: string; readonly rows: number } {
    return {
      name: this.tensors.has(HEAD) ? HEAD : EMBEDDING,
      rows: Math.min(this.config.text.vocabularySize, this.tokens),
    };
  }

  /** @param name canonical, of those that the configuration calls for */
  rows(name: string): Rows {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) {
      throw new Error(`no tensor ${name}`);
    }
    const { file, shape, start, end } = tensor;
    const format = tensor.format as FloatFormat;
    const columns = shape.slice(1).reduce((product, length) => product * length, 1);
    const rowBytes = columns * FLOAT_BYTES[format];
    const blockBytes = Math.max(1, Math.floor(READ_BYTES / rowBytes)) * rowBytes;
    return {
      rows: shape[0],
      columns,
      async *blocks() {
        for (let at = start; at < end; at += blockBytes) {
          yield toFloat32(await file.read(at, Math.min(blockBytes, end - at)), format);
        }
      },
    };
  }

  async close(): Promise<void> {
    await closeAll(this.files);
  }
}

export const INDEX = 'model.safetensors.index.json';
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * The files that an index says the weights are in.
 *
 * @param json the parsed index
 * @throws {UserError} it is no index, or names what is not beside it
 */
export function filesOfIndex(json: unknown, isThere: (name: string) => boolean): readonly string[] {
  const parsed = indexSchema.safeParse(json);
  if (!parsed.success) {
    throw new UserError(`The checkpoint's ${INDEX} can't be understood.`, { cause: parsed.error });
  }
  const names = [...new Set(Object.values(parsed.data.weight_map))];
  for (const name of names) {
    if (name !== basename(name) || !isThere(name)) {
      throw new UserError(`The checkpoint is incomplete: ${name}, which ${INDEX} names, is not there.`);
    }
  }
  return names;
}

/** @throws {UserError} the weights are in several files, and nothing says in which */
export function requireIndex(weights: readonly string[], of: string): void {
  if (!weights.includes('model.safetensors') && weights.length > 0) {
    throw new UserError(
      weights.length === 1
        ? `${of} has no model.safetensors, but ${weights[0]}.`
        : `${of} has its weights in ${weights.length} files, but no ${INDEX}, which says what is in which.`,
    );
  }
}

/** Names of the files that hold the weights. */
async function weightFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  if (names.includes(INDEX)) {
    return filesOfIndex(await readJson(folder, INDEX), (name) => names.includes(name));
  }
  requireIndex(
    names.filter((name) => name.endsWith('.safetensors')),
    folder,
  );
  return ['model.safetensors'];
}

async function requireNoAdapter(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  if (isAdapter(names)) {
    const text = await readFile(join(folder, ADAPTER_CONFIG), 'utf8').catch(() => '{}');
    throw adapterRefusal(folder, parsedOrNothing(text));
  }
}

function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The tensors that the graphs are made of, by canonical name.
 *
 * @throws {UserError} they are not those of the configuration
 */
export function matchTensors<File extends WeightFile>(
  files: readonly File[],
  config: CheckpointConfig,
): ReadonlyMap<string, StoredTensor<File>> {
  const expected = expectedShapes(config);
  const found = new Map<string, StoredTensor<File>>();
  const problems: string[] = [];
  for (const file of files) {
    for (const [name, entry] of file.entries) {
      const canonical = canonicalName(name);
      if (canonical === null) {
        continue;
      }
      const problem = describeProblem(entry, expected.get(canonical), found.has(canonical));
      if (problem !== undefined) {
        problems.push(`${name} ${problem}`);
      }
      found.set(canonical, { ...entry, file });
    }
  }
  for (const name of expected.keys()) {
    if (!found.has(name) && !(name === HEAD && config.tiedHead)) {
      problems.push(`${name} is missing`);
    }
  }
  if (problems.length > 0) {
    throw new UserError(`The checkpoint's tensors are not those of its config.json: ${listed(problems)}.`);
  }
  return found;
}

function describeProblem(
  { format, shape, start, end }: TensorEntry,
  expected: readonly number[] | undefined,
  repeated: boolean,
): string | undefined {
  if (expected === undefined) {
    return 'is unknown';
  }
  if (repeated) {
    return 'is there twice';
  }
  if (!Object.hasOwn(FLOAT_BYTES, format)) {
    return `is stored as ${format} instead of F32, F16 or BF16`;
  }
  if (shape.join() !== expected.join()) {
    return `has the shape [${shape.join(', ')}] instead of [${expected.join(', ')}]`;
  }
  const bytes = FLOAT_BYTES[format as FloatFormat] * shape.reduce((product, length) => product * length, 1);
  return end - start === bytes ? undefined : `has ${end - start} bytes instead of ${bytes}`;
}

/** How many problems are named before the rest is only counted. */
const LISTED_PROBLEMS = 10;

function listed(problems: readonly string[]): string {
  const rest = problems.length - LISTED_PROBLEMS;
  return problems.slice(0, LISTED_PROBLEMS).join('; ') + (rest > 0 ? `; and ${rest} more` : '');
}

async function readJson(folder: string, name: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(join(folder, name), 'utf8');
  } catch (cause) {
    if (!isMissing(cause)) {
      throw explainReadError(cause, join(folder, name));
    }
    throw new UserError(`${folder} is no checkpoint that can be converted: ${name} can't be read.`, {
      cause,
    });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserError(`The checkpoint's ${name} is no JSON.`, { cause });
  }
}

async function closeAll(files: readonly SafetensorsFile[]): Promise<void> {
  await Promise.all(files.map((file) => file.close()));
}
