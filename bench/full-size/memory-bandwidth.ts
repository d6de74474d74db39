import { Worker } from 'node:worker_threads';

/** More than any cache holds. */
const BYTES = 2 ** 30;
const ROUNDS = 5;
const ABSENT = 2;

/**
 * How fast this machine's threads together read memory, in bytes a second: the best of a few rounds of looking through
 * a gigabyte for a byte that is not there, which the C library does with the widest instructions that there are.
 */
export async function memoryBandwidth(threads: number): Promise<number> {
  const memory = new SharedArrayBuffer(BYTES);
  Buffer.from(memory).fill(1);
  const length = BYTES / threads;
  const workers = Array.from({ length: threads }, (_, thread) => {
    const part = { memory, start: thread * length, length, absent: ABSENT };
    return new Worker(new URL('./memory-reader.mjs', import.meta.url), { workerData: part, execArgv: [] });
  });
  const all = async (act: (worker: Worker) => void): Promise<void> => {
    await Promise.all(
      workers.map(
        (worker) =>
          new Promise<void>((resolve, reject) => {
            worker.once('message', () => {
              resolve();
            });
            worker.once('error', reject);
            act(worker);
          }),
      ),
    );
  };
  await all(() => undefined);
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    await all((worker) => {
      worker.postMessage('read');
    });
    best = Math.max(best, BYTES / ((performance.now() - started) / 1000));
  }
  await Promise.all(workers.map((worker) => worker.terminate()));
  return best;
}
