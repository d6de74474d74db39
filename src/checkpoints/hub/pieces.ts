import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { RepositoryFile } from './repository.js';

/** What is asked for at once; what a killed process loses of each connection at most. Bytes. */
export const PIECE = 16 << 20;

const schema = z.object({
  digest: z.string(),
  size: z.number(),
  pieces: z.array(z.number().int().nonnegative()),
});

/** Which pieces of a file that is being downloaded have come, kept on disk beside it. */
export class Pieces {
  readonly count: number;
  readonly #done: Set<number>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly file: RepositoryFile,
    done: readonly number[],
  ) {
    this.count = Math.ceil(file.size / PIECE);
    this.#done = new Set(done.filter((piece) => piece < this.count));
  }

  /** Those of an earlier try, if it was of this very file. */
  static async open(path: string, file: RepositoryFile): Promise<Pieces> {
    const text = await readFile(path, 'utf8').catch(() => '');
    const earlier = schema.safeParse(parsed(text));
    const same =
      earlier.success && earlier.data.digest === file.digest.value && earlier.data.size === file.size;
    return new Pieces(path, file, same ? earlier.data.pieces : []);
  }

  get missing(): number[] {
    return Array.from({ length: this.count }, (_, piece) => piece).filter((piece) => !this.#done.has(piece));
  }

  /** Bytes that have come. */
  get bytes(): number {
    return [...this.#done].reduce((sum, piece) => sum + this.range(piece).length, 0);
  }

  range(piece: number): { start: number; length: number } {
    const start = piece * PIECE;
    return { start, length: Math.min(PIECE, this.file.size - start) };
  }

  /** @param piece is on the disk, so that a power cut can't make this untrue */
  async add(piece: number): Promise<void> {
    this.#done.add(piece);
    await this.#write();
  }

  async clear(): Promise<void> {
    this.#done.clear();
    await this.#write();
  }

  async remove(): Promise<void> {
    await this.#writing;
    await rm(this.path, { force: true });
  }

  /** One after another: connections end pieces at the same time. */
  async #write(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      const { digest, size } = this.file;
      const text = JSON.stringify({ digest: digest.value, size, pieces: [...this.#done] });
      await writeFile(`${this.path}.new`, text);
      await rename(`${this.path}.new`, this.path);
    });
    await this.#writing;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
