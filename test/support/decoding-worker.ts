import { readFile } from 'node:fs/promises';
import { DEMO_MODEL } from '../../src/config.js';
import { UserError } from '../../src/errors.js';
import { WorkerDiedError } from '../../src/inference/worker/worker-died-error.js';
import { WorkerProcess } from '../../src/inference/worker/worker-process.js';

/** Bytes that a process holds, and the most that it has held. */
export interface Memory {
  readonly now: number;
  readonly peak: number;
}

/** Linux alone tells. */
export async function memoryOf(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? Number.NaN) * 1024;
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
}

/** What a worker makes of a file: it decodes it, refuses it in a sentence, fails or dies. */
export type Decoding = 'decoded' | 'refused' | 'failed' | 'died';

/** The real worker, which ends each job when it has decoded the picture. */
export class DecodingWorker {
  readonly #entry: string;
  readonly #execArgv: readonly string[];
  #process: WorkerProcess | undefined;

  constructor(entry: string, execArgv: readonly string[]) {
    this.#entry = entry;
    this.#execArgv = execArgv;
  }

  async decode(picture: Uint8Array): Promise<Decoding> {
    const worker = await this.#started();
    try {
      await worker.run({ picture, task: { kind: 'ocr' } }, ({ stage }) => {
        // Heard while it decodes, and obeyed before the model looks.
        if (stage === 'looking') {
          worker.cancel();
        }
      });
      return 'decoded';
    } catch (error) {
      if (error instanceof WorkerDiedError) {
        this.#process = undefined;
        return 'died';
      }
      return error instanceof UserError ? 'refused' : 'failed';
    }
  }

  async memory(): Promise<Memory> {
    return memoryOf((await this.#started()).pid ?? Number.NaN);
  }

  async close(): Promise<void> {
    await this.#process?.close(5000);
  }

  async #started(): Promise<WorkerProcess> {
    if (this.#process === undefined) {
      this.#process = new WorkerProcess({
        entry: this.#entry,
        execArgv: this.#execArgv,
        environment: undefined,
        model: { model: DEMO_MODEL, dtype: undefined, provider: 'cpu', threads: 1 },
        onLog: () => undefined,
        onExit: () => undefined,
      });
      await this.#process.loaded;
    }
    return this.#process;
  }
}
