import { LRUCache } from 'lru-cache';
import type { MessagePicture } from './pictures-in-message.js';

/** As long as the token of the interaction lives that is waited for. Milliseconds. */
const LIFE = 15 * 60_000;
const MOST = 5000;

/**
 * The pictures of a message while its member chooses one of them or fills a form in, by the id of the interaction that
 * began this. Addresses only; a restart forgets them.
 */
export class PendingPictures {
  readonly #pictures = new LRUCache<string, readonly MessagePicture[]>({ max: MOST, ttl: LIFE });

  remember(interactionId: string, pictures: readonly MessagePicture[]): void {
    this.#pictures.set(interactionId, pictures);
  }

  recall(interactionId: string): readonly MessagePicture[] | undefined {
    return this.#pictures.get(interactionId);
  }

  /** One of them was chosen. */
  forget(interactionId: string): void {
    this.#pictures.delete(interactionId);
  }
}
