import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { SafetensorsFile } from '../../src/checkpoints/safetensors.js';

/** The path of a file or folder of `test/fixtures/`, which `training/reference/` makes. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}

export async function readJsonFixture<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(fixture(name), 'utf8')) as T;
}

/** The tensors of a `.safetensors` fixture, as their bytes. */
export class TensorsFixture {
  readonly #bytes: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

  private constructor(bytes: ReadonlyMap<string, Uint8Array<ArrayBuffer>>) {
    this.#bytes = bytes;
  }

  static async open(name: string): Promise<TensorsFixture> {
    const file = await SafetensorsFile.open(fixture(name));
    try {
      const tensors = new Map<string, Uint8Array<ArrayBuffer>>();
      for (const [tensor, { start, end }] of file.entries) {
        tensors.set(tensor, Uint8Array.from(await file.read(start, end - start)));
      }
      return new TensorsFixture(tensors);
    } finally {
      await file.close();
    }
  }

  bytes(name: string): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes.get(name);
    if (bytes === undefined) {
      throw new Error(`The fixture has no tensor ${name}.`);
    }
    return bytes;
  }

  floats(name: string): Float32Array {
    return new Float32Array(this.bytes(name).buffer);
  }

  integers(name: string): Int32Array {
    return new Int32Array(this.bytes(name).buffer);
  }
}
