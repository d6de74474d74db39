import { readFile } from 'node:fs/promises';
import { unzipSync } from 'fflate';
import { UserError } from '../errors.js';
import { explainReadError, fileReason } from '../file-errors.js';
import { toFloat32, type FloatFormat } from './float.js';

/** An array of floats in C order: the last index runs fastest. */
export interface NumpyArray {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What one unpacked array may take, in bytes: beyond it an archive is meant to fill the memory. */
const ARRAY_LIMIT = 256 << 20;

/**
 * Reads arrays of 16, 32 or 64 bit floats from a NumPy `.npz`, a zip archive of `.npy` files.
 *
 * @param names of the arrays that are wanted, without `.npy`; others stay packed
 * @throws {UserError} the file can't be read or understood, or lacks one of the arrays
 */
export async function readNpz(path: string, names: readonly string[]): Promise<Map<string, NumpyArray>> {
  const files = await unpack(path, new Set(names.map((name) => `${name}.npy`)));
  return new Map(
    names.map((name) => {
      const bytes = files[`${name}.npy`] as Uint8Array | undefined;
      if (bytes === undefined) {
        throw new UserError(`${path} lacks the array ${name}.`);
      }
      return [name, parseNpy(bytes, `${name} in ${path}`)];
    }),
  );
}

/** fflate, without dependencies, does it in memory, stored and deflated entries alike: the file has but 8 MB. */
async function unpack(path: string, wanted: ReadonlySet<string>): Promise<Record<string, Uint8Array>> {
  try {
    return unzipSync(await readFile(path), {
      filter: ({ name, originalSize }) => wanted.has(name) && originalSize <= ARRAY_LIMIT,
    });
  } catch (cause) {
    if (fileReason(cause, 'read') !== undefined) {
      throw explainReadError(cause, path);
    }
    throw new UserError(`${path} can't be read as a .npz archive.`, { cause });
  }
}

const MAGIC = '\u0093NUMPY';

/**
 * The format (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html): a magic string, two
 * bytes of version, the header's length, the header as the text of a Python dictionary, the elements.
 */
export function parseNpy(bytes: Uint8Array, name: string): NumpyArray {
  const damaged = new UserError(`The array ${name} can't be understood.`);
  if (bytes.length < 12 || Buffer.from(bytes.subarray(0, 6)).toString('latin1') !== MAGIC) {
    throw damaged;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Version 1 counts the header's bytes with 16 bits, later ones with 32.
  const wide = bytes[6] > 1;
  const headerStart = wide ? 12 : 10;
  const dataStart = headerStart + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = Buffer.from(bytes.subarray(headerStart, dataStart)).toString('latin1');
  const format = /'descr':\s*'<(f[248])'/.exec(header)?.[1];
  const shape = /'shape':\s*\(([\d\s,]*)\)/.exec(header)?.[1].match(/\d+/g)?.map(Number) ?? [];
  if (format === undefined || !/'fortran_order':\s*False/.test(header)) {
    throw new UserError(`The array ${name} is not one of little-endian floats in C order.`);
  }
  const count = shape.reduce((product, length) => product * length, 1);
  if (bytes.length - dataStart !== count * Number(format[1])) {
    throw damaged;
  }
  // A copy begins at an address that every element size divides.
  return { shape, values: toFloats(new Uint8Array(bytes.subarray(dataStart)), format) };
}

const FORMATS: Readonly<Record<string, FloatFormat | undefined>> = { f2: 'F16', f4: 'F32' };

function toFloats(bytes: Uint8Array, format: string): Float32Array {
  const known = FORMATS[format];
  return known === undefined ? Float32Array.from(new Float64Array(bytes.buffer)) : toFloat32(bytes, known);
}
