import { InferenceSession, Tensor } from 'onnxruntime-node';
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { disableTelemetry } from '../../config.js';
import { UserError } from '../../errors.js';
import { explainReadError, isMissing } from '../../file-errors.js';
import type { Provider } from '../../task.js';
import { SessionError } from '../session-error.js';
import type { FloatData, FloatType } from './float16.js';
import { takeHalvesAsBits } from './half-tensors.js';
import { explainLoadFailure, shortened } from './load-failure.js';

// Before anything else can make a tensor: all who run graphs import this file.
takeHalvesAsBits();

export interface SessionOptions {
  readonly provider: Provider;
  /** Of the CPU provider; undefined: as many as ONNX Runtime chooses. */
  readonly threads?: number | undefined;
  /** Outputs that stay in the graphics card's memory, to be fed to the next run. */
  readonly keepOnDevice?: readonly string[];
}

/**
 * Each of a token's eight hundred operators would be checked anew before it is handed to the card, which takes longer than
 * handing it over; the graphs are the same each time, and a card that fails says so all the same.
 */
const WEBGPU = { name: 'webgpu', validationMode: 'disabled' } as const;

/** What is read ahead at once. Bytes. */
const PIECE = 4 << 20;

/** What a session says about one of its inputs or outputs; a string in `shape` names a size left open. */
export type TensorSpec = InferenceSession.TensorValueMetadata;

/**
 * Opens an ONNX graph; its `.onnx_data` is found beside it. Blocks the thread while the file is read.
 *
 * @throws {UserError} it can't be opened on this machine; why, and what mends it
 */
export async function openSession(
  file: string,
  { provider, threads, keepOnDevice = [] }: SessionOptions,
): Promise<InferenceSession> {
  await readAhead(file);
  disableTelemetry();
  try {
    return await InferenceSession.create(file, {
      executionProviders: [provider === 'webgpu' ? WEBGPU : provider],
      // Errors alone: it warns of every graph whose shapes it computes on the processor, as it always does.
      logSeverityLevel: 3,
      // Each length of a prompt would get a block of memory planned for it, beside what the arena has: for a 3B model
      // half a gigabyte, and as many pages to touch.
      enableMemPattern: false,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      ...(provider === 'webgpu' && keepOnDevice.length > 0
        ? { preferredOutputLocation: Object.fromEntries(keepOnDevice.map((name) => [name, 'gpu-buffer'])) }
        : {}),
    });
  } catch (cause) {
    throw await explainLoadFailure(cause, file, provider);
  }
}

/**
 * Runs a graph. Blocks the thread meanwhile.
 *
 * @throws {SessionError} it can't be run
 */
export async function runSession(
  session: InferenceSession,
  feeds: InferenceSession.FeedsType,
): Promise<InferenceSession.OnnxValueMapType> {
  try {
    return await session.run(feeds);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new SessionError(`A graph of the model could not be run: ${shortened(why)}`, { cause });
  }
}

/**
 * Reads a graph and the weights beside it, so that the system has them in its memory. ONNX Runtime maps the weights and
 * would read them from the disk bit by bit, some not before the first picture is waiting.
 *
 * @throws {UserError} a file can't be read
 */
export async function readAhead(file: string): Promise<void> {
  const folder = dirname(file);
  const piece = Buffer.allocUnsafe(PIECE);
  // A file that is not there is for ONNX Runtime to tell of.
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((candidate) => candidate.startsWith(basename(file)))) {
    const handle = await openForReading(join(folder, name));
    if (handle === undefined) {
      continue;
    }
    try {
      let bytesRead: number;
      do {
        ({ bytesRead } = await handle.read(piece, 0, PIECE));
      } while (bytesRead > 0);
    } catch (error) {
      throw explainReadError(error, join(folder, name));
    } finally {
      await handle.close();
    }
  }
}

/** Undefined for a link to what is not there. */
async function openForReading(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    if (isMissing(error)) {
      return undefined;
    }
    throw explainReadError(error, path);
  }
}

/** A session's inputs or outputs by name. */
export function specsByName(
  metadata: readonly InferenceSession.ValueMetadata[],
): ReadonlyMap<string, TensorSpec> {
  return new Map(metadata.filter((value) => value.isTensor).map((value) => [value.name, value]));
}

/** The only input or output of a session, or the one of the name that the public exports give it. */
export function theSpec(metadata: readonly InferenceSession.ValueMetadata[], name: string): TensorSpec {
  const specs = specsByName(metadata);
  const spec = specs.get(name) ?? (specs.size === 1 ? [...specs.values()][0] : undefined);
  if (spec === undefined) {
    throw new UserError(`An ONNX graph of the checkpoint lacks ${name}.`);
  }
  return spec;
}

/** @throws {UserError} the graph wants numbers of another kind */
export function floatTypeOf({ name, type }: TensorSpec): FloatType {
  if (type !== 'float32' && type !== 'float16') {
    throw new UserError(
      `An ONNX graph of the checkpoint has ${name} as ${type}; Glimpse knows float32 and float16.`,
    );
  }
  return type;
}

/** Integers as the 32-bit or 64-bit tensor that an input asks for. */
export function integerTensor(
  { type }: TensorSpec,
  values: readonly number[],
  dims: readonly number[],
): Tensor {
  return type === 'int32'
    ? new Tensor('int32', Int32Array.from(values), dims)
    : new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
}

/** `count` numbers from `start` on. */
export function range(start: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => start + i);
}

/** A tensor of zeros in the processor's memory. */
export function floatTensor(type: FloatType, dims: readonly number[]): Tensor {
  const length = dims.reduce((product, side) => product * side, 1);
  return new Tensor(type, type === 'float16' ? new Uint16Array(length) : new Float32Array(length), dims);
}

/** The numbers of a floating-point tensor in the processor's memory. */
export function floatDataOf({ data, type }: Tensor): FloatData {
  if (data instanceof Float32Array || (type === 'float16' && data instanceof Uint16Array)) {
    return data;
  }
  throw new TypeError(`Expected a tensor of floating-point numbers, got ${type}.`);
}
