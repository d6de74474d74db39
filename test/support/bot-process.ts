import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const FAMILY = 'nodejs_eventloop_lag_max_seconds';

/** One line of the bot's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** The built bot as its owner runs it. */
export class BotProcess {
  readonly #child: ChildProcess;
  readonly #monitoring: string;
  readonly #listeners = new Set<(line: LogLine) => void>();

  private constructor(child: ChildProcess, monitoring: string) {
    this.#child = child;
    this.#monitoring = monitoring;
  }

  /** @param settings as in `.env`, MONITORING_PORT among them */
  static async start(settings: Record<string, string> & { MONITORING_PORT: string }): Promise<BotProcess> {
    const child = spawn(process.execPath, [CLI, 'start'], {
      env: { ...process.env, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const bot = new BotProcess(child, `http://127.0.0.1:${settings.MONITORING_PORT}`);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (text) => {
        bot.#hear(text);
      });
    }
    await bot.nextLine(({ msg }) => msg === 'ready');
    return bot;
  }

  /** The next line of the log that is wanted. */
  async nextLine(wanted: (line: LogLine) => boolean): Promise<LogLine> {
    return new Promise((resolve, reject) => {
      const ended = (): void => {
        reject(new Error('The bot has ended.'));
      };
      const listener = (line: LogLine): void => {
        if (wanted(line)) {
          this.#listeners.delete(listener);
          this.#child.off('exit', ended);
          resolve(line);
        }
      };
      this.#listeners.add(listener);
      this.#child.once('exit', ended);
    });
  }

  /** The longest pause of the event loop since this was asked last. Milliseconds. */
  async longestPause(): Promise<number> {
    const text = await (await fetch(`${this.#monitoring}/metrics`)).text();
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${FAMILY} `));
    return Number(line?.split(' ')[1] ?? Number.NaN) * 1000;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }

  #hear(text: string): void {
    const line = parse(text);
    if (line === undefined) {
      return;
    }
    this.#listeners.forEach((listener) => {
      listener(line);
    });
  }
}

function parse(text: string): LogLine | undefined {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return undefined;
  }
}
