import { RESTEvents, type DiscordAPIError, type REST } from 'discord.js';
import { LRUCache } from 'lru-cache';
import { isAcknowledgedAlready } from './discord-errors.js';

/** The id of the interaction that a request is the first response to. */
const CALLBACK = /^\/interactions\/(\d+)\/[^/]+\/callback/;
/** A first response is over after seconds; this many are more than are tried again meanwhile. */
const REMEMBERED = 1000;

/** Which first responses were tried more than once: of these Discord may have heard one whose answer did not reach us. */
export class FirstResponses {
  readonly #repeated = new LRUCache<string, true>({ max: REMEMBERED });

  /** @param rest tries by itself again what fails, and tells of it nowhere else */
  constructor(rest: REST) {
    rest.on(RESTEvents.Response, ({ path, retries }) => {
      const id = CALLBACK.exec(path)?.[1];
      if (id !== undefined && retries > 0) {
        this.#repeated.set(id, true);
      }
    });
  }

  /** Whether an earlier try of ours has reached Discord, though its answer did not reach us. */
  isOurs(error: unknown, interactionId: string): error is DiscordAPIError {
    return isAcknowledgedAlready(error) && this.#repeated.has(interactionId);
  }

  /** A try failed, and the caller makes another one. */
  repeats(interactionId: string): void {
    this.#repeated.set(interactionId, true);
  }

  /** Whether somebody else has answered: another process that has the same token. */
  isAnothers(error: unknown, interactionId: string): error is DiscordAPIError {
    return isAcknowledgedAlready(error) && !this.#repeated.has(interactionId);
  }
}
