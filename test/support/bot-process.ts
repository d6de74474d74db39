import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { cliArguments } from './run-cli.js';

const BUILT_CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** One line of the bot's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** The bot as its owner runs it: a process of its own, with another for the model. */
export class BotProcess {
  /** All that it has logged. */
  readonly lines: LogLine[] = [];
  readonly #child: ChildProcess;
  readonly #monitoring: string;
  readonly #listeners = new Set<(line: LogLine) => void>();

  private constructor(child: ChildProcess, monitoring: string) {
    this.#child = child;
    this.#monitoring = monitoring;
  }

  /**
   * Resolves when the bot is ready.
   *
   * @param settings as in `.env`; with MONITORING_PORT where its metrics are asked for
   * @param from what is run: the sources, or what `npm run build` has made of them
   */
  static async start(
    settings: Readonly<Record<string, string>>,
    from: 'sources' | 'build' = 'sources',
  ): Promise<BotProcess> {
    const program = from === 'build' ? [BUILT_CLI, 'start'] : cliArguments('start');
    const child = spawn(process.execPath, program, {
      // A folder without a .env of somebody's.
      cwd: tmpdir(),
      env: { PATH: process.env.PATH, ...settings },
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
    const [seconds] = await this.#metrics('nodejs_eventloop_lag_max_seconds');
    return seconds * 1000;
  }

  /** Bytes that the bot's objects and buffers take now, garbage that is not collected yet among them. */
  async heapInUse(): Promise<number> {
    const [heap, buffers] = await this.#metrics(
      'nodejs_heap_size_used_bytes',
      'nodejs_external_memory_bytes',
    );
    return heap + buffers;
  }

  async #metrics(...names: readonly string[]): Promise<number[]> {
    const text = await (await fetch(`${this.#monitoring}/metrics`)).text();
    const lines = text.split('\n');
    return names.map((name) => {
      const line = lines.find((candidate) => candidate.startsWith(`${name} `));
      return Number(line?.split(' ')[1] ?? Number.NaN);
    });
  }

  /** The process of the model that was started last. */
  get worker(): number {
    const started = this.lines.filter(({ msg }) => msg === 'worker started');
    return Number(started.at(-1)?.worker ?? Number.NaN);
  }

  /** Bytes that the bot's process and the model's hold now; Linux alone tells. */
  async memory(): Promise<{ readonly bot: number; readonly worker: number }> {
    return { bot: await residentMemory(this.#child.pid ?? 0), worker: await residentMemory(this.worker) };
  }

  /** The processes that it has started and that are still there; Linux alone tells. */
  async children(): Promise<number[]> {
    const list = await readFile(`/proc/${this.#child.pid}/task/${this.#child.pid}/children`, 'utf8');
    return list.split(' ').filter(Boolean).map(Number);
  }

  /** Ends it as its owner does. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill(signal);
      await ended;
    }
  }

  #hear(text: string): void {
    const line = parse(text);
    if (line === undefined) {
      return;
    }
    this.lines.push(line);
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

/** Bytes that a process holds now; Linux alone tells. */
async function residentMemory(pid: number): Promise<number> {
  return statusOf(pid, 'VmRSS');
}

/** The most bytes that a process has held; Linux alone tells. */
export async function peakMemoryOf(pid: number): Promise<number> {
  return statusOf(pid, 'VmHWM');
}

async function statusOf(pid: number, field: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const line = status.split('\n').find((candidate) => candidate.startsWith(`${field}:`));
  return Number(/\d+/.exec(line ?? '')?.[0] ?? Number.NaN) * 1024;
}
