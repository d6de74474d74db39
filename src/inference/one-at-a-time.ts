import PQueue from 'p-queue';

/** Runs one piece of work after another, in the order in which they came. */
export class OneAtATime {
  readonly #queue = new PQueue({ concurrency: 1 });

  /**
   * @param signal ends the work while it waits; while it runs, ending it is its own business, and the next one starts
   * when it has really ended
   * @throws the signal's reason, or what `work` throws
   */
  async run<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    signal?.throwIfAborted();
    // The queue would give a running job's place to the next one as soon as its signal aborts: it sees one that aborts
    // only while the job waits.
    const waiting = new AbortController();
    const stopWaiting = (): void => {
      waiting.abort(signal?.reason);
    };
    signal?.addEventListener('abort', stopWaiting);
    return this.#queue.add(
      () => {
        signal?.removeEventListener('abort', stopWaiting);
        return work();
      },
      { signal: waiting.signal },
    );
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    await this.#queue.onIdle();
  }
}
