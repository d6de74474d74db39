import type { WriteStream } from 'node:tty';

/** What takes longer than this gets a line on standard error. Milliseconds. */
const PATIENCE = 1000;

/**
 * Tells on standard error what a command is doing, once that takes longer than a second. On a terminal the
 * line is rewritten in place and taken away at the end; elsewhere each new stage is one line.
 */
export class ProgressLine {
  readonly #stream: WriteStream;
  readonly #started = performance.now();
  #stage = '';
  #shown = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: WriteStream = process.stderr) {
    this.#stream = stream;
  }

  /**
   * @param stage what is being done, such as "Loading the model"
   * @param detail what changes meanwhile; shown on a terminal only
   */
  show(stage: string, detail = ''): void {
    this.#stage = stage;
    const waited = performance.now() - this.#started;
    if (waited < PATIENCE) {
      this.#timer ??= setTimeout(() => {
        this.#write(this.#stage, '');
      }, PATIENCE - waited);
      // A pending line must not keep the process alive.
      this.#timer.unref();
      return;
    }
    this.#write(stage, detail);
  }

  /** Takes the line away. */
  end(): void {
    clearTimeout(this.#timer);
    if (this.#stream.isTTY && this.#shown !== '') {
      this.#stream.write('\r\u001b[K');
    }
    this.#shown = '';
  }

  #write(stage: string, detail: string): void {
    if (!this.#stream.isTTY) {
      if (stage !== this.#shown) {
        this.#stream.write(`${stage} …\n`);
        this.#shown = stage;
      }
      return;
    }
    const line = detail === '' ? `${stage} …` : `${stage}: ${detail}`;
    const columns = this.#stream.columns - 1;
    // The end of a growing text is what is new.
    const visible = line.length > columns ? `…${line.slice(line.length - columns + 1)}` : line;
    this.#stream.write(`\r\u001b[K${visible.replaceAll('\n', ' ')}`);
    this.#shown = stage;
  }
}
