import { LRUCache } from 'lru-cache';
import { createHash } from 'node:crypto';

/** Messages without their pictures are small; this many are many more than are asked about in a while. */
const MOST_MESSAGES = 5000;

/** A picture with whatever else is known of it. */
export interface RecentPicture {
  readonly bytes: Uint8Array;
  readonly spoiler: boolean;
}

export interface RecentPicturesOptions {
  /** Bytes of all pictures together; 64 MiB unless said otherwise. */
  readonly maxBytes?: number;
  /** Milliseconds; 15 minutes unless said otherwise. */
  readonly maxAge?: number;
}

/**
 * The pictures that were lately asked about, by the message with the answer, so that a further question need not
 * download them again: its address may have expired. What is too old is dropped, asked for or not; when the room is
 * used up, what was not asked for the longest goes first.
 */
export class RecentPictures<Picture extends RecentPicture = RecentPicture> {
  /** Many messages can be about one picture, which is kept once: by what is in it. */
  readonly #bytes: LRUCache<string, Uint8Array>;
  readonly #messages: LRUCache<string, { readonly digest: string; readonly details: Omit<Picture, 'bytes'> }>;

  constructor({ maxBytes = 64 * 2 ** 20, maxAge = 15 * 60_000 }: RecentPicturesOptions = {}) {
    // Without a clock of its own lru-cache keeps to the one it was loaded with, also where a test sets another.
    const age = { ttl: maxAge, ttlAutopurge: true, perf: performance };
    this.#bytes = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ byteLength }) => Math.max(1, byteLength),
      ...age,
    });
    this.#messages = new LRUCache({ max: MOST_MESSAGES, ...age });
  }

  /** Keeps a picture; one that is larger than all the room there is, is not kept. */
  remember(messageId: string, { bytes, ...details }: Picture): void {
    const digest = createHash('sha256').update(bytes).digest('base64');
    this.#bytes.set(digest, this.#bytes.get(digest) ?? bytes);
    this.#messages.set(messageId, { digest, details });
  }

  /** What was remembered under one name goes under another, if it is there still. */
  rename(before: string, messageId: string): void {
    const message = this.#messages.get(before);
    if (message !== undefined) {
      this.#messages.delete(before);
      this.#messages.set(messageId, message);
    }
  }

  /** @returns undefined where it is forgotten */
  recall(messageId: string): Picture | undefined {
    const message = this.#messages.get(messageId);
    const bytes = message === undefined ? undefined : this.#bytes.get(message.digest);
    return message === undefined || bytes === undefined
      ? undefined
      : ({ ...message.details, bytes } as Picture & RecentPicture);
  }
}
