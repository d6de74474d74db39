import { UserError } from '../../errors.js';
import { answerJob } from '../answer-job.js';
import type { Job } from '../inference.js';
import { storedDtypes } from '../paligemma/checkpoint-folder.js';
import { PaliGemma } from '../paligemma/engine.js';
import { decodeKnownFormatsOnly } from '../paligemma/picture.js';
import { dieFirstWithoutMemory } from './memory-shortage.js';
import { toPortable } from './portable-error.js';
import { isHostMessage, type HostMessage, type ModelOptions, type WorkerMessage } from './protocol.js';

/*
 * The entry point of the process that runs the model: PaliGemma blocks its thread, and Discord's connection must not
 * wait for it. The host starts it with an IPC channel; protocol.ts tells what is said over it.
 */

let engine: PaliGemma | undefined;
let running: { readonly id: number; readonly abort: AbortController } | undefined;

decodeKnownFormatsOnly();
dieFirstWithoutMemory();

// A terminal's Ctrl+C and a service manager's SIGTERM reach the host and its worker alike: the host decides when the
// running job is finished, and says `close`.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
// The host is gone. Nobody waits for what this process still does.
process.on('disconnect', () => {
  process.exit(0);
});
process.on('message', (message) => {
  if (isHostMessage(message)) {
    void handle(message);
  }
});

async function handle(message: HostMessage): Promise<void> {
  switch (message.type) {
    case 'load':
      await load(message.options);
      break;
    case 'job':
      await answer(message.id, message.job);
      break;
    case 'cancel':
      if (running?.id === message.id) {
        running.abort.abort();
      }
      break;
    case 'close':
      await engine?.close();
      process.exit(0);
  }
}

async function load(options: ModelOptions): Promise<void> {
  const { model, dtype, provider, threads } = options;
  const started = performance.now();
  try {
    engine = await PaliGemma.load(model, { dtype, provider, threads });
    const loadMs = performance.now() - started;
    const dtypes = await storedDtypes(model, dtype);
    tell({ type: 'loaded', description: { model, dtypes, provider, threads, loadMs, pid: process.pid } });
  } catch (error) {
    tell({ type: 'loadFailed', error: toPortable(error) });
  }
}

async function answer(id: number, job: Job): Promise<void> {
  const abort = new AbortController();
  running = { id, abort };
  try {
    if (engine === undefined) {
      throw new Error('A job came before the model was loaded.');
    }
    const given = await answerJob(engine, job, {
      signal: abort.signal,
      onProgress: (progress) => {
        tell({ type: 'progress', id, progress });
      },
    });
    tell({ type: 'answer', id, answer: given });
  } catch (error) {
    const cancelled = abort.signal.aborted && !(error instanceof UserError);
    tell(cancelled ? { type: 'cancelled', id } : { type: 'failed', id, error: toPortable(error) });
  } finally {
    running = undefined;
  }
}

function tell(message: WorkerMessage): void {
  // A host that has gone in the meantime needs no answer: `disconnect` ends this process.
  process.send?.(message, undefined, undefined, () => undefined);
}
