import type { Job } from './inference.js';

/** Pictures of waiting jobs that are fetched, or lie in memory, before their turn. */
export const FETCHED_AHEAD = 2;

/** A job for a queue: one for whose picture there is no room may bring a way to it instead. */
export interface QueueableJob extends Omit<Job, 'picture'> {
  readonly picture: Uint8Array | (() => Promise<Uint8Array>);
}

/** A picture that is fetched when its job's turn is near. */
export class LatePicture {
  readonly #fetch: () => Promise<Uint8Array>;
  #bytes: Promise<Uint8Array> | undefined;

  constructor(fetch: () => Promise<Uint8Array>) {
    this.#fetch = fetch;
  }

  /** Whether it is there, or on its way. */
  get isFetched(): boolean {
    return this.#bytes !== undefined;
  }

  /** Fetches it, once. @throws why it can't be had */
  async bytes(): Promise<Uint8Array> {
    return (this.#bytes ??= this.#fetch());
  }
}

/** A job's picture, in hand or late. */
export function asQueued(picture: QueueableJob['picture']): Uint8Array | LatePicture {
  return typeof picture === 'function' ? new LatePicture(picture) : picture;
}
