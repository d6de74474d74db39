import { createHash } from 'node:crypto';

/** Of all pictures that wait together: a handful of the largest, or fifty usual ones. Bytes. */
export const HELD_BYTES = 128 * 2 ** 20;

/** A place in memory for one picture. */
export interface Room {
  /**
   * Puts the picture there, of which nothing but the size was known before.
   *
   * @returns the picture, or one that is equal and was there already
   */
  keep(picture: Uint8Array): Uint8Array;
  /** Gives the place back; more than once is no mistake. */
  free(): void;
}

interface Held {
  readonly picture: Uint8Array;
  holders: number;
}

/** The pictures of jobs that wait, within a budget of bytes, or a single one that is larger; of equal ones one is held. */
export class HeldPictures {
  readonly #budget: number;
  readonly #held = new Map<string, Held>();
  #bytes = 0;

  /** @param budget in bytes */
  constructor(budget = HELD_BYTES) {
    this.#budget = budget;
  }

  /** What is held, and what was promised. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @returns undefined where there is no room for so many bytes */
  reserve(bytes: number): Room | undefined {
    if (this.#bytes > 0 && this.#bytes + bytes > this.#budget) {
      return undefined;
    }
    this.#bytes += bytes;
    let giveBack = (): void => {
      this.#bytes -= bytes;
    };
    return {
      keep: (picture) => {
        giveBack();
        const digest = createHash('sha256').update(picture).digest('base64');
        giveBack = () => {
          this.#drop(digest);
        };
        return this.#hold(digest, picture);
      },
      free: () => {
        giveBack();
        giveBack = () => undefined;
      },
    };
  }

  #hold(digest: string, picture: Uint8Array): Uint8Array {
    const held = this.#held.get(digest);
    if (held !== undefined) {
      held.holders++;
      return held.picture;
    }
    this.#held.set(digest, { picture, holders: 1 });
    this.#bytes += picture.byteLength;
    return picture;
  }

  #drop(digest: string): void {
    const held = this.#held.get(digest);
    if (held !== undefined && --held.holders === 0) {
      this.#held.delete(digest);
      this.#bytes -= held.picture.byteLength;
    }
  }
}
