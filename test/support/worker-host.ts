import { setImmediate as nextTurn } from 'node:timers/promises';
import { WorkerInference } from '../../src/inference/worker/worker-inference.js';
import { scripted, SCRIPTED_ENTRY } from './worker-jobs.js';

/*
 * A host with a scripted worker, in a process of its own: `node worker-host.ts QUESTION [exit]`. Prints the worker's
 * process id once the worker is at the job, and ends there or waits to be killed.
 */
const [question = '', then] = process.argv.slice(2);
const worker = await WorkerInference.start({
  model: '',
  dtype: undefined,
  provider: 'cpu',
  threads: 1,
  jobTimeLimitMs: 60_000,
  entry: SCRIPTED_ENTRY,
});
void worker.submit(scripted(question), {
  onProgress: () => {
    process.stdout.write(`${worker.description.pid}\n`);
    void nextTurn().then(() => {
      if (then === 'exit') {
        process.exit(0);
      }
    });
  },
});
