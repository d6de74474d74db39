import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.js';
import { explainReadError } from '../file-errors.js';

/** Where one tensor lies in a file. */
export interface TensorEntry {
  /** The element format by its safetensors name, such as `F32` or `BF16`. */
  readonly format: string;
  readonly shape: readonly number[];
  /** Bytes from the file's start. */
  readonly start: number;
  readonly end: number;
}

/** Bytes before the header: its length as a little-endian 64-bit integer. */
const PREFIX_BYTES = 8;
/** The largest header that the format's own reader accepts, in bytes. */
const HEADER_LIMIT = 100_000_000;

const naturalNumber = z.number().int().nonnegative();

const headerSchema = z.record(
  z.string(),
  z.object({
    dtype: z.string(),
    shape: z.array(naturalNumber),
    data_offsets: z.tuple([naturalNumber, naturalNumber]),
  }),
);

/**
 * One open `.safetensors` file, of which byte ranges are read as they are needed.
 *
 * The format (https://huggingface.co/docs/safetensors) is a JSON header of names, formats, shapes and byte
 * ranges, then the tensors one after another without gaps. Whoever opens a file closes it.
 */
export class SafetensorsFile {
  private constructor(
    private readonly handle: FileHandle,
    private readonly name: string,
    readonly entries: ReadonlyMap<string, TensorEntry>,
  ) {}

  /** @throws {UserError} the file can't be opened, is truncated or its header is not to be believed */
  static async open(path: string): Promise<SafetensorsFile> {
    const name = basename(path);
    let handle: FileHandle;
    try {
      handle = await open(path);
    } catch (error) {
      throw explainReadError(error, path);
    }
    try {
      const { size } = await handle.stat();
      const read = (start: number, length: number): Promise<Uint8Array> =>
        readExactly(handle, name, start, length);
      return new SafetensorsFile(handle, name, await readHeader(read, size, name));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * @param start bytes from the file's start
   * @throws {UserError} the file ends before `start + length`
   */
  async read(start: number, length: number): Promise<Uint8Array> {
    return readExactly(this.handle, this.name, start, length);
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/**
 * What a file says that it holds.
 *
 * @param read gives as many bytes of the file from `start` on as it is asked for
 * @param size of the whole file, in bytes
 * @param name for the sentence that says what is wrong with it
 * @throws {UserError} the header is not to be believed
 */
export async function readHeader(
  read: (start: number, length: number) => Promise<Uint8Array>,
  size: number,
  name: string,
): Promise<Map<string, TensorEntry>> {
  const prefix = await read(0, PREFIX_BYTES);
  const headerBytes = Number(
    new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength).getBigUint64(0, true),
  );
  if (headerBytes > HEADER_LIMIT) {
    throw new UserError(`${name} is no safetensors file: its header would have ${headerBytes} bytes.`);
  }
  const dataStart = PREFIX_BYTES + headerBytes;
  const entries = new Map<string, TensorEntry>();
  for (const [tensor, entry] of parseHeader(await read(PREFIX_BYTES, headerBytes), name)) {
    const [start, end] = entry.data_offsets;
    entries.set(tensor, {
      format: entry.dtype,
      shape: entry.shape,
      start: dataStart + start,
      end: dataStart + end,
    });
  }
  requireGapless(entries, dataStart, size, name);
  return entries;
}

function parseHeader(bytes: Uint8Array, name: string): [string, z.infer<typeof headerSchema>[string]][] {
  try {
    const header = z.looseObject({}).parse(JSON.parse(new TextDecoder().decode(bytes)));
    delete header.__metadata__;
    return Object.entries(headerSchema.parse(header));
  } catch (cause) {
    throw new UserError(`${name} is no safetensors file: its header can't be understood.`, { cause });
  }
}

/** The format demands it, and it rules out overlaps, repeated names and ranges beyond the file all at once. */
function requireGapless(
  entries: ReadonlyMap<string, TensorEntry>,
  dataStart: number,
  size: number,
  name: string,
): void {
  let reached = dataStart;
  for (const [tensor, { start, end }] of [...entries].sort(
    ([, a], [, b]) => a.start - b.start || a.end - b.end,
  )) {
    if (start !== reached || end < start) {
      throw new UserError(`${name} is damaged: the place of ${tensor} overlaps another or leaves a gap.`);
    }
    reached = end;
  }
  if (reached > size) {
    throw new UserError(`${name} is truncated: it has ${size} of ${reached} bytes.`);
  }
  if (reached < size) {
    throw new UserError(`${name} is damaged: ${size - reached} bytes at its end belong to no tensor.`);
  }
}

async function readExactly(
  handle: FileHandle,
  name: string,
  start: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, start + filled);
    if (bytesRead === 0) {
      throw new UserError(`${name} is truncated: it ends after ${start + filled} bytes.`);
    }
    filled += bytesRead;
  }
  return bytes;
}
