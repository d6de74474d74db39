import { UserError } from '../../errors.js';
import { explainMachineError } from '../../machine-errors.js';
import type { answerJob } from '../answer-job.js';
import { FETCH_AGAIN, storedDtypes } from '../paligemma/checkpoint-folder.js';
import type { PaliGemma } from '../paligemma/engine.js';
import { SessionError } from '../session-error.js';
import { dieFirstWithoutMemory } from './memory-shortage.js';
import { toPortable } from './portable-error.js';
import { isHostMessage, type HostMessage, type ModelOptions, type WorkerMessage } from './protocol.js';

/*
 * The entry point of the process that runs the model: PaliGemma blocks its thread, and Discord's connection must not
 * wait for it. The host starts it with an IPC channel; protocol.ts tells what is said over it.
 */

/**
 * A processor looks at a picture of more pixels than this for many seconds: at one of 448 for 6 s with a 3B model on two
 * cores, where the rest of the test and all of it at 224 stay under one.
 */
const QUICKLY_SEEN = 224;

let loaded: { readonly engine: PaliGemma; readonly answerJob: typeof answerJob } | undefined;
let running: { readonly id: number; readonly abort: AbortController } | undefined;

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
      await answer(message);
      break;
    case 'cancel':
      if (running?.id === message.id) {
        running.abort.abort();
      }
      break;
    case 'close':
      await loaded?.engine.close();
      process.exit(0);
  }
}

async function load(options: ModelOptions): Promise<void> {
  const { model, dtype, provider, threads } = options;
  const started = performance.now();
  try {
    // Loaded here: what can't be loaded on this machine is to be told in a sentence.
    const [{ PaliGemma }, { decodeKnownFormatsOnly, keepNoPixels }, { answerJob }] = await Promise.all([
      import('../paligemma/engine.js'),
      import('../paligemma/picture.js'),
      import('../answer-job.js'),
    ]);
    decodeKnownFormatsOnly();
    keepNoPixels();
    const engine = await PaliGemma.load(model, { dtype, provider, threads });
    loaded = { engine, answerJob };
    const { width, height } = engine.square;
    const seesQuickly = provider !== 'cpu' || Math.max(width, height) <= QUICKLY_SEEN;
    await test(engine, seesQuickly, options);
    const loadMs = performance.now() - started;
    const dtypes = await storedDtypes(model, dtype);
    tell({ type: 'loaded', description: { model, dtypes, provider, threads, loadMs, pid: process.pid } });
    if (!seesQuickly) {
      setImmediate(() => void testSight());
    }
  } catch (error) {
    tell({ type: 'loadFailed', error: toPortable(explainMachineError(error)) });
  }
}

/** @throws {UserError} the model is loaded and does not work */
async function test(
  engine: PaliGemma,
  seesQuickly: boolean,
  { model, provider }: ModelOptions,
): Promise<void> {
  try {
    await engine.testWords();
    if (seesQuickly) {
      await engine.testSight();
    }
  } catch (cause) {
    if (!(cause instanceof SessionError)) {
      throw cause;
    }
    throw new UserError(
      `${model} can be loaded with the provider ${provider}, but does not answer: ${cause.message} ` +
        `Another PROVIDER or DTYPE may work. ${FETCH_AGAIN}`,
      { cause },
    );
  }
}

/** What the model is ready without: nobody waits for it, and a job that has come by now tests it as well. */
async function testSight(): Promise<void> {
  if (running !== undefined) {
    return;
  }
  try {
    await loaded?.engine.testSight();
  } catch (error) {
    tell({ type: 'unfit', error: toPortable(error) });
  }
}

async function answer({ id, job, limitMs }: Extract<HostMessage, { type: 'job' }>): Promise<void> {
  const finishBy = performance.now() + limitMs;
  const abort = new AbortController();
  running = { id, abort };
  try {
    if (loaded === undefined) {
      throw new Error('A job came before the model was loaded.');
    }
    const given = await loaded.answerJob(loaded.engine, job, {
      signal: abort.signal,
      finishBy,
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
