import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.js';
import { explainReadError, isMissing } from '../file-errors.js';
import { parseConfig, type CheckpointConfig } from './config.js';
import { exists } from './files.js';
import { FLOAT_BYTES, toFloat32, type FloatFormat } from './float.js';
import type { Rows } from './rows.js';
import { SafetensorsFile, type TensorEntry } from './safetensors.js';
import { canonicalName, EMBEDDING, expectedShapes, HEAD } from './tensor-names.js';
import { tokenizerSize } from './tokenizer-size.js';

/** Bytes of a file that are read at once: enough for disks, and few enough that threads can share one tensor's rows. */
export const READ_BYTES = 2 << 20;

interface StoredTensor extends TensorEntry {
  readonly file: SafetensorsFile;
}

/** A Hugging Face PaliGemma 2 folder, its tensors checked against its configuration. Whoever opens it closes it. */
export class Checkpoint {
  private constructor(
    readonly config: CheckpointConfig,
    /** Ids that mean something: rows of the head from there on are padding. */
    readonly tokens: number,
    private readonly files: readonly SafetensorsFile[],
    private readonly tensors: ReadonlyMap<string, StoredTensor>,
  ) {}

  /**
   * @param folder holds `config.json`, `tokenizer.json` and `model.safetensors`, or several such files and
   *   `model.safetensors.index.json`
   * @throws {UserError} a file is missing or damaged, or the tensors are not those of the configuration
   */
  static async open(folder: string): Promise<Checkpoint> {
    const config = parseConfig(await readJson(folder, 'config.json'));
    const tokens = tokenizerSize(await readJson(folder, 'tokenizer.json'), config.imageTokenId);
    const files: SafetensorsFile[] = [];
    try {
      for (const name of await weightFiles(folder)) {
        files.push(await SafetensorsFile.open(join(folder, name)));
      }
      return new Checkpoint(config, tokens, files, matchTensors(files, config));
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

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/** Names of the files that hold the weights. */
async function weightFiles(folder: string): Promise<readonly string[]> {
  const index = 'model.safetensors.index.json';
  if (!(await exists(join(folder, index)))) {
    return ['model.safetensors'];
  }
  const parsed = indexSchema.safeParse(await readJson(folder, index));
  if (!parsed.success) {
    throw new UserError(`The checkpoint's ${index} can't be understood.`, { cause: parsed.error });
  }
  const names = [...new Set(Object.values(parsed.data.weight_map))];
  for (const name of names) {
    if (name !== basename(name) || !(await exists(join(folder, name)))) {
      throw new UserError(
        `The checkpoint is incomplete: ${name}, which ${index} names, is not in its folder.`,
      );
    }
  }
  return names;
}

function matchTensors(
  files: readonly SafetensorsFile[],
  config: CheckpointConfig,
): ReadonlyMap<string, StoredTensor> {
  const expected = expectedShapes(config);
  const found = new Map<string, StoredTensor>();
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
