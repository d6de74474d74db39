import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/errors.js';
import { WorkerAwayError, WorkerDiedError } from '../../../src/inference/worker/worker-inference.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { scripted, UNDER_TSX } from '../../support/worker-jobs.js';
import { gone, isRunning, startScriptedWorker } from '../../support/worker-start.js';

const HOST = fileURLToPath(new URL('../../support/worker-host.ts', import.meta.url));

const OTHER_PICTURE = new Uint8Array([2]);

describe('a worker that dies', () => {
  test('between two jobs is started again at once, and the next job is answered', async () => {
    const { worker, events } = await startScriptedWorker();
    const { pid } = worker.description;
    expect((await worker.submit(scripted('answer'))).text).toBe(String(pid));
    process.kill(pid, 'SIGKILL');
    await events.until('started', 2);
    expect((await worker.submit(scripted('answer'))).text).toBe(String(worker.description.pid));
    expect(worker.description.pid).not.toBe(pid);
    expect(events.all.map(({ kind }) => kind)).toEqual(['started', 'died', 'restarting', 'started']);
    expect(events.of('restarting')).toEqual([{ kind: 'restarting', attempt: 1, pauseMs: 0 }]);
  });

  test('just before its first job is no loss to that job', async () => {
    const { worker } = await startScriptedWorker();
    process.kill(worker.description.pid, 'SIGKILL');
    await worker.submit(scripted('answer'));
  });

  test('in the middle of a job is started again, and the job is tried once more', async () => {
    const { worker, events } = await startScriptedWorker({ model: await temporaryFolder() });
    const looks: string[] = [];
    await worker.submit(scripted('die once'), { onProgress: ({ stage }) => looks.push(stage) });
    expect(looks).toEqual(['looking', 'looking']);
    expect(events.of('died')).toMatchObject([{ exitCode: 7, signal: null, killed: false }]);
  });

  test('twice in one job ends that job, and the next one is answered', async () => {
    const { worker, events } = await startScriptedWorker({ restartPausesMs: [0] });
    const error = await worker.submit(scripted('die')).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WorkerDiedError);
    expect(error).toMatchObject({ exitCode: 7, signal: null });
    await worker.submit(scripted('answer', OTHER_PICTURE));
    expect(events.of('died')).toHaveLength(2);
  });

  test('again and again is started after growing pauses without end; jobs wait for it', async () => {
    const model = await temporaryFolder();
    const { worker, events } = await startScriptedWorker({ model, restartPausesMs: [0, 10, 20] });
    await writeFile(join(model, 'loading'), 'die');
    process.kill(worker.description.pid, 'SIGKILL');
    await events.until('died');
    const waiting = worker.submit(scripted('answer'));
    await events.until('restarting', 4);
    await rm(join(model, 'loading'));
    expect((await waiting).text).toBe(String(worker.description.pid));
    expect(
      events
        .of('restarting')
        .slice(0, 4)
        .map(({ pauseMs }) => pauseMs),
    ).toEqual([0, 10, 20, 20]);
    expect(events.of('died')[1]).toMatchObject({ exitCode: 9 });

    const restarts = events.of('restarting').length;
    process.kill(worker.description.pid, 'SIGKILL');
    await events.until('restarting', restarts + 1);
    expect(events.of('restarting').at(-1)).toMatchObject({ attempt: 1, pauseMs: 0 });
  });

  test('and does not come back in time is given up by the job that waits for it', async () => {
    const model = await temporaryFolder();
    const { worker, events } = await startScriptedWorker({
      model,
      patience: { restartMs: 200 },
      restartPausesMs: [0, 20],
    });
    await writeFile(join(model, 'loading'), 'die');
    process.kill(worker.description.pid, 'SIGKILL');
    await events.until('died');
    await expect(worker.submit(scripted('answer'))).rejects.toThrow(WorkerAwayError);
  });

  test('is not started again once it is closed', async () => {
    const { worker, events } = await startScriptedWorker({ restartPausesMs: [60_000] });
    process.kill(worker.description.pid, 'SIGKILL');
    await events.until('restarting');
    const waiting = worker.submit(scripted('answer'));
    const closed = worker.close();
    await expect(waiting).rejects.toThrow('The worker was closed.');
    await closed;
    expect(events.of('started')).toHaveLength(1);
  });

  test('while it loads for the first time is told', async () => {
    const model = await temporaryFolder();
    await writeFile(join(model, 'loading'), 'die');
    await expect(startScriptedWorker({ model })).rejects.toThrow(WorkerDiedError);
  });
});

describe('a picture at which workers die', () => {
  const DEADLY = { mistake: { code: 'pictureDeadly' } };

  test('twice in one job is not tried a third time, whatever is asked about it', async () => {
    const { worker, events } = await startScriptedWorker({ restartPausesMs: [0] });
    await expect(worker.submit(scripted('die'))).rejects.toThrow(WorkerDiedError);
    await expect(worker.submit(scripted('die'))).rejects.toMatchObject(DEADLY);
    const refused = worker.submit(scripted('answer'));
    await expect(refused).rejects.toBeInstanceOf(UserError);
    await expect(refused).rejects.toMatchObject(DEADLY);
    await worker.submit(scripted('answer', OTHER_PICTURE));
    expect(events.of('died')).toHaveLength(2);
  });

  test('is refused too where it waited already when they died', async () => {
    const { worker, events } = await startScriptedWorker({ restartPausesMs: [0] });
    const [first, second, other] = await Promise.allSettled([
      worker.submit(scripted('die')),
      worker.submit(scripted('answer')),
      worker.submit(scripted('answer', OTHER_PICTURE)),
    ]);
    expect(first).toMatchObject({ reason: { name: 'WorkerDiedError' } });
    expect(second).toMatchObject({ reason: DEADLY });
    expect(other.status).toBe('fulfilled');
    expect(events.of('died')).toHaveLength(2);
  });

  test('once, and which is answered then, is as good as any other', async () => {
    const model = await temporaryFolder();
    const { worker, events } = await startScriptedWorker({ model });
    for (const round of [1, 2, 3]) {
      await worker.submit(scripted('die once'));
      await rm(join(model, 'deaths'));
      expect(events.of('died')).toHaveLength(round);
    }
  });

  test('that were killed because they did not end in time is refused after the second', async () => {
    const { worker, events } = await startScriptedWorker({
      jobTimeLimitMs: 200,
      patience: { timeLimitMs: 50 },
    });
    const TOO_LONG = { mistake: { code: 'timeLimit' } };
    await expect(worker.submit(scripted('deaf'))).rejects.toMatchObject(TOO_LONG);
    await expect(worker.submit(scripted('deaf'))).rejects.toMatchObject(TOO_LONG);
    await expect(worker.submit(scripted('deaf'))).rejects.toMatchObject(DEADLY);
    expect(events.of('died')).toHaveLength(2);
  });

  test('is not blamed for a machine whose passes take longer than the time limit', async () => {
    const { worker, events } = await startScriptedWorker({
      jobTimeLimitMs: 1000,
      patience: { timeLimitMs: 10 },
    });
    // The first answer shows how long a pass takes, and so that the second is no sign of a hang.
    for (const late of [100, 1500]) {
      expect((await worker.submit(scripted(`late ${late}`))).finish).toBe('complete');
    }
    expect(events.of('died')).toEqual([]);
  });

  test('because its job was cancelled is not to blame', async () => {
    const { worker, events } = await startScriptedWorker({ patience: { cancelMs: 50 } });
    for (const round of [1, 2]) {
      const abort = new AbortController();
      const running = worker.submit(scripted('deaf'), {
        signal: abort.signal,
        onProgress: () => {
          abort.abort(new Error('enough'));
        },
      });
      await expect(running).rejects.toThrow('enough');
      expect(events.of('died')).toHaveLength(round);
    }
    await worker.submit(scripted('answer'));
  });
});

describe('a job that runs too long', () => {
  test('is cancelled, and the worker goes on where it obeys', async () => {
    const { worker, events } = await startScriptedWorker({
      jobTimeLimitMs: 300,
      patience: { timeLimitMs: 2000 },
    });
    const error = await worker.submit(scripted('slow')).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ mistake: { code: 'timeLimit', values: { seconds: 1 } } });
    await worker.submit(scripted('answer'));
    expect(events.of('died')).toEqual([]);
  });

  test('that says how long it has itself is held to that, where it is shorter', async () => {
    const { worker, events } = await startScriptedWorker({ patience: { timeLimitMs: 50 } });
    const started = performance.now();
    const finishBy = started + 300;
    await expect(worker.submit(scripted('deaf'), { finishBy })).rejects.toMatchObject({
      mistake: { code: 'timeLimit', values: { seconds: 1 } },
    });
    expect(performance.now() - started).toBeLessThan(30_000);
    await expect(worker.submit(scripted('answer'), { finishBy })).rejects.toMatchObject({
      mistake: { code: 'timeLimit' },
    });
    expect(events.of('died')).toMatchObject([{ killed: true }]);
  });

  test.each(['deaf', 'blocked'])('is killed with its worker where that is %s', async (question) => {
    const { worker, events } = await startScriptedWorker({
      jobTimeLimitMs: 300,
      patience: { timeLimitMs: 50 },
    });
    const { pid } = worker.description;
    await expect(worker.submit(scripted(question))).rejects.toMatchObject({
      mistake: { code: 'timeLimit' },
    });
    expect(isRunning(pid)).toBe(false);
    await worker.submit(scripted('answer'));
    expect(events.of('died')).toMatchObject([{ pid, signal: 'SIGKILL', killed: true }]);
    expect(events.of('restarting')).toMatchObject([{ pauseMs: 0 }]);
  });
});

describe('a job that is cancelled', () => {
  test('is over when the worker says so', async () => {
    const { worker, events } = await startScriptedWorker();
    const abort = new AbortController();
    const running = worker.submit(scripted('slow'), {
      signal: abort.signal,
      onProgress: () => {
        abort.abort(new Error('enough'));
      },
    });
    await expect(running).rejects.toThrow('enough');
    expect(events.of('died')).toEqual([]);
  });

  test('and does not end is killed with its worker', async () => {
    const { worker, events } = await startScriptedWorker({ patience: { cancelMs: 50 } });
    const { pid } = worker.description;
    const abort = new AbortController();
    const running = worker.submit(scripted('blocked'), {
      signal: abort.signal,
      onProgress: () => {
        abort.abort(new Error('enough'));
      },
    });
    await expect(running).rejects.toThrow('enough');
    expect(isRunning(pid)).toBe(false);
    await worker.submit(scripted('answer'));
    expect(events.of('died')).toMatchObject([{ killed: true }]);
  });

  test('while its worker is being started again does not wait for that', async () => {
    const { worker, events } = await startScriptedWorker({ restartPausesMs: [60_000] });
    process.kill(worker.description.pid, 'SIGKILL');
    await events.until('restarting');
    const abort = new AbortController();
    const waiting = worker.submit(scripted('answer'), { signal: abort.signal });
    abort.abort(new Error('no longer wanted'));
    await expect(waiting).rejects.toThrow('no longer wanted');
  });
});

test('what a worker writes is passed on line by line', async () => {
  const { worker, events } = await startScriptedWorker();
  await worker.submit(scripted('log'));
  await events.until('log', 2);
  expect(events.of('log')).toEqual(
    expect.arrayContaining([
      { kind: 'log', stream: 'stdout', line: 'a line' },
      { kind: 'log', stream: 'stderr', line: 'another line' },
    ]),
  );
});

test('a worker that does not end when it is closed is killed', async () => {
  const { worker } = await startScriptedWorker({ patience: { closeMs: 50 } });
  const { pid } = worker.description;
  process.kill(pid, 'SIGSTOP');
  await worker.close();
  expect(isRunning(pid)).toBe(false);
});

describe('no worker outlives its host', () => {
  test('that is killed', async () => {
    const host = spawn(process.execPath, [...UNDER_TSX, HOST, 'deaf'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(host.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isRunning(pid)).toBe(true);
    host.kill('SIGKILL');
    await gone(pid);
  });

  test('that ends while the worker blocks its thread', async () => {
    const host = await promisify(execFile)(process.execPath, [...UNDER_TSX, HOST, 'blocked', 'exit']);
    const pid = Number(host.stdout);
    expect(pid).toBeGreaterThan(0);
    await gone(pid);
  });
});
