import { createHash } from 'node:crypto';
import type { Size } from '../../task.js';
import type { ImageFeatures } from './vision-encoder.js';

/** What is kept of a picture: enough for another question about it, and not the picture itself. */
export interface SeenPicture {
  readonly features: ImageFeatures;
  readonly size: Size;
  readonly firstFrameOnly: boolean;
}

/** The pictures looked at last, by the digest of their file. */
export class FeatureCache {
  readonly #capacity: number;
  /** A Map keeps the order of insertion: the picture asked about longest ago is first. */
  readonly #pictures = new Map<string, SeenPicture>();

  /** @param capacity pictures; one takes 2.4 MB with the 3B checkpoint of 224 pixels, 9.4 MB with that of 448 */
  constructor(capacity = 4) {
    this.#capacity = capacity;
  }

  static keyOf(file: Uint8Array): string {
    return createHash('sha256').update(file).digest('base64');
  }

  get(key: string): SeenPicture | undefined {
    const picture = this.#pictures.get(key);
    if (picture !== undefined) {
      this.#pictures.delete(key);
      this.#pictures.set(key, picture);
    }
    return picture;
  }

  set(key: string, picture: SeenPicture): void {
    this.#pictures.set(key, picture);
    for (const oldest of this.#pictures.keys()) {
      if (this.#pictures.size <= this.#capacity) {
        break;
      }
      this.#forget(oldest);
    }
  }

  /** Lets go of all of them. */
  clear(): void {
    for (const key of this.#pictures.keys()) {
      this.#forget(key);
    }
  }

  #forget(key: string): void {
    this.#pictures.get(key)?.features.values.dispose();
    this.#pictures.delete(key);
  }
}
