import { existsSync, readFileSync } from 'node:fs';
import { onTestFinished, vi } from 'vitest';
import { DEMO_MODEL } from '../../src/config.js';
import {
  WorkerInference,
  type WorkerEvent,
  type WorkerInferenceOptions,
} from '../../src/inference/worker/worker-inference.js';
import { SCRIPTED_ENTRY, UNDER_TSX } from './worker-jobs.js';

/** What became of a worker, to be waited for. */
export class WorkerEvents {
  readonly all: WorkerEvent[] = [];
  #heard: (() => void)[] = [];

  readonly listen = (event: WorkerEvent): void => {
    this.all.push(event);
    this.#heard.splice(0).forEach((resolve) => {
      resolve();
    });
  };

  of<Kind extends WorkerEvent['kind']>(kind: Kind): Extract<WorkerEvent, { kind: Kind }>[] {
    return this.all.filter((event): event is Extract<WorkerEvent, { kind: Kind }> => event.kind === kind);
  }

  /** Resolves when there have been so many of a kind. */
  async until(kind: WorkerEvent['kind'], count = 1): Promise<void> {
    while (this.of(kind).length < count) {
      await new Promise<void>((resolve) => this.#heard.push(resolve));
    }
  }
}

export interface StartedWorker {
  readonly worker: WorkerInference;
  readonly events: WorkerEvents;
}

/** A worker with the demo model. */
export async function startWorker(options: Partial<WorkerInferenceOptions> = {}): Promise<StartedWorker> {
  const events = new WorkerEvents();
  const worker = await WorkerInference.start({
    model: DEMO_MODEL,
    dtype: undefined,
    provider: 'cpu',
    threads: 1,
    jobTimeLimitMs: 60_000,
    execArgv: UNDER_TSX,
    onEvent: events.listen,
    ...options,
  });
  return { worker, events };
}

/** A worker that does what its jobs' questions say; it is closed when the test is over. */
export async function startScriptedWorker(
  options: Partial<WorkerInferenceOptions> = {},
): Promise<StartedWorker> {
  const started = await startWorker({ entry: SCRIPTED_ENTRY, ...options });
  onTestFinished(() => started.worker.close());
  return started;
}

/** Resolves when a process is gone that need not be a child of this one. */
export async function gone(pid: number): Promise<void> {
  await vi.waitUntil(() => !isRunning(pid), { timeout: 10_000, interval: 20 });
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // One whose parent died before it is listed until somebody asks how it ended, which in a container nobody may do.
  const status = `/proc/${pid}/stat`;
  return !existsSync(status) || !readFileSync(status, 'utf8').includes(') Z ');
}
