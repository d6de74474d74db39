import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { UserError } from '../../errors.js';

/** A worker may have died of something else the first time. */
const MOST_DEATHS = 2;
/** With their digests these take a quarter of a megabyte. */
const REMEMBERED = 1000;

/** The pictures at which workers died, so that none is tried a third time; of each only its digest is kept. */
export class DeadlyPictures {
  readonly #deaths = new LRUCache<string, number>({ max: REMEMBERED });

  /** @throws {UserError} `pictureDeadly`: two workers have died at this picture */
  refuse(picture: Uint8Array): void {
    if (this.#deaths.size > 0 && this.#isDeadly(digestOf(picture))) {
      throw new UserError('The model stopped twice on this picture, so it is not tried again.', {
        mistake: { code: 'pictureDeadly' },
      });
    }
  }

  /**
   * A worker died while it was at this picture.
   *
   * @returns whether that is the end of it
   */
  blame(picture: Uint8Array): boolean {
    const digest = digestOf(picture);
    this.#deaths.set(digest, (this.#deaths.get(digest) ?? 0) + 1);
    return this.#isDeadly(digest);
  }

  /** A worker has answered: what died before had other reasons. */
  acquit(picture: Uint8Array): void {
    if (this.#deaths.size > 0) {
      this.#deaths.delete(digestOf(picture));
    }
  }

  #isDeadly(digest: string): boolean {
    return (this.#deaths.get(digest) ?? 0) >= MOST_DEATHS;
  }
}

function digestOf(picture: Uint8Array): string {
  return createHash('sha256').update(picture).digest('base64');
}
