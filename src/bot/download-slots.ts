import PQueue from 'p-queue';

/** Downloads at a time: with the largest picture that is taken they bound the memory that downloads need. */
const SLOTS = 8;

/** Lets some pictures be downloaded at a time, in the order in which they were asked for. */
export class DownloadSlots {
  readonly #queue = new PQueue({ concurrency: SLOTS });

  /**
   * @param signal ends the waiting for a slot; to end the download is its own business
   * @throws the signal's reason, or what `download` throws
   */
  async run<Result>(download: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted();
    return this.#queue.add(download, { signal });
  }
}
