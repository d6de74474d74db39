import { setTimeout as sleep } from 'node:timers/promises';

export interface LiveReplyOptions<Content, Message> {
  /** Puts new content in the place of what is shown. */
  readonly edit: (content: Content) => Promise<unknown>;
  /** The same for the last content, which has to arrive. */
  readonly deliver: (content: Content) => Promise<Message>;
  /** Told of an edit that failed, never of the last one, which throws. */
  readonly onError: (error: unknown) => void;
  /** The first content waits this long, so that a quick answer comes in one piece. Milliseconds. */
  readonly patience?: number;
  /** Between the beginnings of two edits. Milliseconds. */
  readonly interval?: number;
}

/**
 * A reply that changes while its answer is made. What comes faster than Discord wants messages edited is
 * left out, never queued; edits never overtake each other, and the last content always arrives.
 */
export class LiveReply<Content, Message> {
  readonly #options: Required<LiveReplyOptions<Content, Message>>;
  readonly #ended = new AbortController();
  #next: (() => Content) | undefined;
  #showing: Promise<void> | undefined;
  #nextEditAt: number;

  constructor(options: LiveReplyOptions<Content, Message>) {
    this.#options = { patience: 400, interval: 1100, ...options };
    this.#nextEditAt = performance.now() + this.#options.patience;
  }

  /**
   * Shows content as soon as some may be shown, unless newer content takes its place by then.
   *
   * @param content is called when it is to be shown, since most of what a queue of hundreds has to say never is
   */
  show(content: () => Content): void {
    if (this.#ended.signal.aborted) {
      return;
    }
    this.#next = content;
    this.#showing ??= this.#showAll().finally(() => {
      this.#showing = undefined;
    });
  }

  /**
   * Shows the last content at once, after an edit that is under way.
   *
   * @throws what `deliver` throws
   */
  async finish(content: Content): Promise<Message> {
    this.#ended.abort();
    await this.#showing;
    return this.#options.deliver(content);
  }

  async #showAll(): Promise<void> {
    const { signal } = this.#ended;
    while (this.#next !== undefined && !signal.aborted) {
      const wait = this.#nextEditAt - performance.now();
      if (wait > 0) {
        await sleep(wait, undefined, { signal }).catch(() => undefined);
        continue;
      }
      const content = this.#next;
      this.#next = undefined;
      this.#nextEditAt = performance.now() + this.#options.interval;
      try {
        await this.#options.edit(content());
      } catch (error) {
        this.#options.onError(error);
      }
    }
  }
}
