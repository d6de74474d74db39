import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEMO_MODEL } from '../../../src/config.js';
import { UserError } from '../../../src/errors.js';
import { LocalInference } from '../../../src/inference/local-inference.js';
import { PaliGemma } from '../../../src/inference/paligemma/engine.js';
import { JobQueue } from '../../../src/inference/queue.js';
import type { Task } from '../../../src/task.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { gone, startWorker, type StartedWorker } from '../../support/worker-start.js';

const describeTask: Task = { kind: 'describe', language: 'en', length: 'short' };
const segmentTask: Task = { kind: 'segment', objects: ['circle'] };

let started: StartedWorker;
let picture: Uint8Array;

beforeAll(async () => {
  started = await startWorker();
  picture = await readFile(join(DEMO_MODEL, 'samples/four-shapes.jpg'));
});

afterAll(async () => {
  await started.worker.close();
});

test('answers, masks and drawings are those of the model in this process', async () => {
  const local = new LocalInference(await PaliGemma.load(DEMO_MODEL));
  try {
    for (const task of [describeTask, segmentTask]) {
      const here = await local.submit({ picture, task });
      const there = await started.worker.submit({ picture, task });
      expect(there).toEqual({ ...here, timings: there.timings });
    }
  } finally {
    await local.close();
  }
});

test('the picture comes back as the job wants it', async () => {
  const output = { mediaType: 'image/jpeg', longestSide: 300, masks: false } as const;
  const { picture: drawn, detections } = await started.worker.submit({ picture, task: segmentTask, output });
  expect(drawn).toMatchObject({ mediaType: 'image/jpeg', width: 300 });
  expect(detections[0]).not.toHaveProperty('mask');
});

test('progress comes while the answer grows, and this process goes on with other things meanwhile', async () => {
  const texts: string[] = [];
  let longestGap = 0;
  let last = performance.now();
  const beat = setInterval(() => {
    longestGap = Math.max(longestGap, performance.now() - last);
    last = performance.now();
  }, 5);
  const long: Task = { kind: 'describe', language: 'en', length: 'long' };
  for (let count = 0; count < 5; count++) {
    await started.worker.submit({ picture, task: long }, { onProgress: ({ stage }) => texts.push(stage) });
  }
  clearInterval(beat);
  expect(texts.slice(0, 2)).toEqual(['looking', 'answering']);
  expect(texts.length).toBeGreaterThan(20);
  // Other processes may hold this one up; the model in this process would for longer.
  expect(longestGap).toBeLessThan(1000);
});

test('a mistake stays one on its way: a file that is no picture', async () => {
  const wrong = started.worker.submit({ picture: new Uint8Array([1, 2, 3]), task: describeTask });
  const error = await wrong.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  expect(error).toMatchObject({ mistake: { code: 'notAPicture' } });
  expect((error as UserError).message).toMatch(/not a picture/);
});

test('a fault keeps its name, its message and where it was thrown', async () => {
  const impossible = started.worker.submit({
    picture,
    task: describeTask,
    output: { always: true, maxBytes: 10 },
  });
  const error = await impossible.catch((thrown: unknown) => thrown);
  expect(error).not.toBeInstanceOf(UserError);
  expect(error).toMatchObject({ name: 'Error', message: 'No picture fits into 10 bytes.' });
  expect((error as Error).stack).toMatch(/rendering.fit/);
});

test('a job that is cancelled while it runs is ended by the worker itself, which goes on', async () => {
  const { pid } = started.worker.description;
  const abort = new AbortController();
  const texts: string[] = [];
  const running = started.worker.submit(
    { picture, task: describeTask },
    {
      signal: abort.signal,
      onProgress: ({ stage, text }: { stage: string; text?: string }) => {
        if (stage === 'answering') {
          texts.push(text ?? '');
          abort.abort(new Error('enough'));
        }
      },
    },
  );
  await expect(running).rejects.toThrow('enough');
  expect(texts).toHaveLength(1);
  expect((await started.worker.submit({ picture, task: describeTask })).finish).toBe('complete');
  expect(started.worker.description.pid).toBe(pid);
});

test('jobs that come at once are answered in order, and one that is cancelled while it waits never runs', async () => {
  const abort = new AbortController();
  const order: string[] = [];
  const submit = async (name: string, signal?: AbortSignal): Promise<void> => {
    await started.worker.submit(
      { picture, task: describeTask },
      {
        ...(signal === undefined ? {} : { signal }),
        onProgress: ({ stage }) => {
          if (stage === 'looking') {
            order.push(name);
          }
        },
      },
    );
  };
  const all = [submit('first'), submit('cancelled', abort.signal), submit('last')];
  abort.abort(new Error('no longer wanted'));
  const results = await Promise.allSettled(all);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(order).toEqual(['first', 'last']);
});

test('a signal to the whole group, such as Ctrl+C, leaves the worker to its host', async () => {
  const { pid } = started.worker.description;
  const answer = started.worker.submit(
    { picture, task: describeTask },
    {
      onProgress: ({ stage }) => {
        if (stage === 'looking') {
          process.kill(pid, 'SIGINT');
          process.kill(pid, 'SIGTERM');
        }
      },
    },
  );
  expect((await answer).finish).toBe('complete');
  await started.worker.submit({ picture, task: describeTask });
  expect(started.worker.description.pid).toBe(pid);
});

test('behind a queue, a worker that is killed in the middle of a job costs nobody their answer', async () => {
  const queue = new JobQueue(started.worker, {
    limits: { waiting: 10, perRequester: 10, longestWaitMs: 60_000 },
  });
  const { pid } = started.worker.description;
  let killed = false;
  const answers = ['a', 'a', 'b'].map((requester) =>
    queue.submit(
      { picture, task: describeTask },
      {
        requester,
        onProgress: ({ stage }) => {
          if (stage === 'answering' && !killed) {
            killed = true;
            process.kill(pid, 'SIGKILL');
          }
        },
      },
    ),
  );
  const texts = (await Promise.all(answers)).map(({ text }) => text);
  expect(new Set(texts)).toEqual(
    new Set(['a black star, a blue square, a green triangle and an orange circle']),
  );
  expect(started.events.of('died')).toMatchObject([{ pid, signal: 'SIGKILL', killed: false }]);
  expect(started.worker.description.pid).not.toBe(pid);
});

describe('starting', () => {
  test('tells what was loaded', () => {
    expect(started.worker.description).toMatchObject({
      model: DEMO_MODEL,
      dtypes: {
        vision_encoder: 'fp32',
        embed_tokens: 'fp32',
        decoder_model_merged: 'fp32',
        mask_decoder: 'fp32',
      },
      provider: 'cpu',
      threads: 1,
    });
    expect(started.worker.description.loadMs).toBeGreaterThan(0);
    expect(started.events.all[0]).toMatchObject({ kind: 'started' });
  });

  test('a folder that is no checkpoint is a mistake, and leaves no process behind', async () => {
    // There is one as long as a worker lives: it would end the worker with this process.
    const listeners = process.listenerCount('exit');
    const failed = startWorker({ model: await temporaryFolder() });
    await expect(failed).rejects.toThrow(UserError);
    await expect(failed).rejects.toThrow(/no checkpoint folder/);
    expect(process.listenerCount('exit')).toBe(listeners);
  });
});

test.runIf(process.platform === 'linux')(
  'where memory runs out, the worker is ended before its host',
  async () => {
    const blameOf = async (pid: number): Promise<number> =>
      Number(await readFile(`/proc/${pid}/oom_score_adj`, 'utf8'));
    expect(await blameOf(started.worker.description.pid)).toBeGreaterThan(await blameOf(process.pid));
  },
);

test('closing waits for the running job, and the process is gone then', async () => {
  const { worker } = await startWorker();
  const { pid } = worker.description;
  const answer = worker.submit({ picture, task: describeTask });
  const closed = worker.close();
  await expect(worker.submit({ picture, task: describeTask })).rejects.toThrow('The worker was closed.');
  expect((await answer).finish).toBe('complete');
  await closed;
  await worker.close();
  await gone(pid);
});
