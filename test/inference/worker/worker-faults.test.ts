import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SessionError } from '../../../src/inference/session-error.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { scripted } from '../../support/worker-jobs.js';
import { startScriptedWorker } from '../../support/worker-start.js';

const OTHER_PICTURE = new Uint8Array([2]);
const ON_CARD = { provider: 'webgpu', restartPausesMs: [0] } as const;
const FALLBACK = { provider: 'cpu', dtype: 'q4', threads: 1 } as const;

describe('a model that fails on the processor', () => {
  test('once is asked again, in the same process', async () => {
    const { worker, events } = await startScriptedWorker({ model: await temporaryFolder() });
    const { pid } = worker.description;
    expect((await worker.submit(scripted('fail once'))).text).toBe(String(pid));
    expect(events.of('sessionFailed')).toMatchObject([{ replaced: false }]);
    expect(events.of('died')).toEqual([]);
  });

  test('twice in a row gets a new process; the picture is not to blame', async () => {
    const { worker, events } = await startScriptedWorker({ restartPausesMs: [0] });
    const { pid } = worker.description;
    for (let round = 1; round <= 3; round++) {
      await expect(worker.submit(scripted('fail'))).rejects.toBeInstanceOf(SessionError);
      expect(events.of('died')).toHaveLength(round);
    }
    const { text } = await worker.submit(scripted('answer'));
    expect(text).not.toBe(String(pid));
    expect(events.of('died')).toMatchObject([{ killed: true }, { killed: true }, { killed: true }]);
  });

  test('for ever is started after growing pauses, and is said to fail until it answers', async () => {
    const { worker, events } = await startScriptedWorker({ restartPausesMs: [0, 1, 2] });
    await worker.submit(scripted('fail')).catch(() => undefined);
    expect(worker.isFailing).toBe(false);
    await worker.submit(scripted('fail', OTHER_PICTURE)).catch(() => undefined);
    expect(worker.isFailing).toBe(true);
    await worker.submit(scripted('fail')).catch(() => undefined);
    expect(events.of('restarting').map(({ pauseMs }) => pauseMs)).toEqual([0, 1, 2]);
    expect(worker.isFailing).toBe(true);
    await worker.submit(scripted('answer'));
    expect(worker.isFailing).toBe(false);
  });

  test('in between answers may do so often', async () => {
    const model = await temporaryFolder();
    const { worker, events } = await startScriptedWorker({ model });
    for (let round = 0; round < 3; round++) {
      await worker.submit(scripted('fail once'));
      await rm(join(model, 'faults'));
    }
    expect(events.of('died')).toEqual([]);
  });

  test('does not leave the processor, whatever could be done instead', async () => {
    const { worker, events } = await startScriptedWorker({ restartPausesMs: [0], fallback: FALLBACK });
    for (let round = 0; round < 5; round++) {
      await worker.submit(scripted('fail')).catch(() => undefined);
    }
    await worker.submit(scripted('answer'));
    expect(events.of('fellBack')).toEqual([]);
  });
});

describe('a model that fails on a graphics card', () => {
  test('gets a new process at once, in which the same job is answered', async () => {
    const { worker, events } = await startScriptedWorker({ ...ON_CARD, model: await temporaryFolder() });
    const { pid } = worker.description;
    const { text } = await worker.submit(scripted('fail once'));
    expect(text).toBe(String(worker.description.pid));
    expect(text).not.toBe(String(pid));
    expect(events.of('sessionFailed')).toMatchObject([{ replaced: true }]);
    expect(worker.description.provider).toBe('webgpu');
  });

  test('at every picture is run on the processor from the third time on', async () => {
    const { worker, events } = await startScriptedWorker({ ...ON_CARD, fallback: FALLBACK });
    await expect(worker.submit(scripted('fail on card'))).rejects.toBeInstanceOf(SessionError);
    const { text } = await worker.submit(scripted('fail on card'));
    expect(text).toBe(String(worker.description.pid));
    expect(worker.description).toMatchObject({ provider: 'cpu' });
    expect(events.of('fellBack')).toEqual([{ kind: 'fellBack', to: FALLBACK }]);
    expect(worker.isFailing).toBe(false);
  });

  test('stays there where nothing else would do', async () => {
    const { worker } = await startScriptedWorker(ON_CARD);
    for (let round = 0; round < 3; round++) {
      await worker.submit(scripted('fail on card')).catch(() => undefined);
    }
    await worker.submit(scripted('answer'));
    expect(worker.description.provider).toBe('webgpu');
  });

  test.each(['fail on card', 'unfit'])('already when it is loaded (%s) is so too', async (loading) => {
    const model = await temporaryFolder();
    const { worker, events } = await startScriptedWorker({ ...ON_CARD, model, fallback: FALLBACK });
    await writeFile(join(model, 'loading'), loading);
    process.kill(worker.description.pid, 'SIGKILL');
    await events.until('fellBack');
    await rm(join(model, 'loading'));
    await worker.submit(scripted('answer'));
    expect(worker.description.provider).toBe('cpu');
    const failed = [...events.of('loadFailed'), ...events.of('sessionFailed')];
    expect(failed.length).toBeGreaterThanOrEqual(3);
  });
});
