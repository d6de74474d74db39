import { expect, onTestFinished, test } from 'vitest';
import { UserError } from '../../../src/errors.js';
import { PaliGemma } from '../../../src/inference/paligemma/engine.js';
import { SessionError } from '../../../src/inference/session-error.js';
import { scriptedEngine } from '../../support/scripted-model.js';
import { enlarge, writeBlindModel, writeSpeechlessModel } from '../../support/silent-models.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { startWorker } from '../../support/worker-start.js';
import { imageFeatures } from '../../support/image-features.js';

test.each([
  ['does not see', writeBlindModel],
  ['says what is no number', writeSpeechlessModel],
])('a model that can be loaded and %s is refused in one line', async (_name, write) => {
  const folder = await temporaryFolder();
  await write(folder);
  const refused: unknown = await startWorker({ model: folder }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UserError);
  const { message } = refused as UserError;
  expect(message).toMatch(
    /can be loaded with the provider cpu, but does not answer: .*convert the model again/,
  );
  expect(message).not.toContain('\n');
});

test('what a processor would look at for long is looked at when the worker is ready, which then is replaced', async () => {
  const folder = await temporaryFolder();
  await writeBlindModel(folder);
  await enlarge(folder, 448);
  const { worker, events } = await startWorker({ model: folder, restartPausesMs: [0] });
  onTestFinished(() => worker.close());
  await events.until('sessionFailed', 2);
  expect(events.of('sessionFailed')[0]).toMatchObject({ replaced: true });
  expect(events.of('died')[0]).toMatchObject({ killed: true });
  expect(worker.isFailing).toBe(true);
});

test('the model says two words to the shortest prompt', async () => {
  const { engine, model, looks } = scriptedEngine(['sale']);
  await engine.testWords();
  expect(model.prompts).toEqual(['ocr']);
  expect(model.steps).toBe(1);
  expect(looks()).toBe(0);
});

test('the model is to see numbers', async () => {
  const seen = (value: number): PaliGemma =>
    scriptedEngine([], {
      visionEncoder: {
        encode: () => Promise.resolve(imageFeatures(Float32Array.of(1, value, 2), 3, 1)),
        close: () => Promise.resolve(),
      },
    }).engine;
  await seen(0).testSight();
  await expect(seen(NaN).testSight()).rejects.toBeInstanceOf(SessionError);
  await expect(seen(Infinity).testSight()).rejects.toBeInstanceOf(SessionError);
});
