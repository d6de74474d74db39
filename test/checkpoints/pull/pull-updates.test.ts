import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { pullModel } from '../../../src/checkpoints/pull/pull.js';
import { readRecord } from '../../../src/checkpoints/record.js';
import { NAME, officialFiles, pullOptions, type Files } from '../../support/hub/demo-repository.js';
import { LoopbackHub, REVISION } from '../../support/hub/loopback-hub.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { writeTinyCheckpoint } from '../../support/tiny-checkpoint.js';

const SECOND = '2'.repeat(40);
const Q8 = 'decoder_model_merged_quantized.onnx';
const Q4 = 'decoder_model_merged_q4.onnx';

let official: Files;
let hub: LoopbackHub;

beforeAll(async () => {
  official = await officialFiles();
});

beforeEach(async () => {
  hub = await LoopbackHub.start();
  hub.addRepository(NAME, official);
});

afterEach(async () => {
  expect(hub.violations).toEqual([]);
  await hub.close();
});

/** The same configuration, written in another way. */
function rewritten(): Uint8Array {
  const config = JSON.parse(Buffer.from(official['config.json']).toString()) as object;
  return Buffer.from(`${JSON.stringify({ ...config, transformers_version: '9' }, undefined, 4)}\n\n`);
}

test('a newer state of a repository takes the place of the one that is there', async () => {
  const wanted = await pullOptions(hub);
  const { folder } = await pullModel(wanted);
  hub.addRepository(NAME, { ...official, 'config.json': rewritten() }, { revision: SECOND });
  await pullModel(wanted);
  expect((await readFile(join(folder, 'config.json'))).equals(rewritten())).toBe(true);
  expect(await readRecord(folder)).toMatchObject({ revision: SECOND });
  expect(await readdir(join(wanted.models, '.downloads'))).toEqual([]);
});

test('a newer state of another shape leaves nothing of the old but what draws outlines', async () => {
  const wanted = await pullOptions(hub);
  const { folder } = await pullModel(wanted);
  await pullModel({ ...wanted, dtype: 'q4' });
  const from = join(await temporaryFolder(), 'tiny');
  await writeTinyCheckpoint(from);
  const tiny: Files = {};
  for (const name of await readdir(from)) {
    tiny[name] = await readFile(join(from, name));
  }
  hub.addRepository(NAME, tiny, { revision: SECOND });
  hub.fail('vae-oid.npz', { kind: 'status', status: 404 });
  await pullModel(wanted);
  const graphs = await readdir(join(folder, 'onnx'));
  expect(graphs).toContain(Q8);
  expect(graphs).toContain('mask_decoder.onnx');
  expect(graphs).not.toContain(Q4);
  expect((await readFile(join(folder, 'config.json'))).equals(tiny['config.json'])).toBe(true);
  expect(Object.keys((await readRecord(folder))?.dtypes ?? {})).toEqual(['q8']);
  expect(await readdir(wanted.models)).toEqual(['.downloads', 'demo-mix']);
});

test('each dtype is as new as it was pulled, and an older one does not pass for current', async () => {
  const wanted = await pullOptions(hub);
  const { folder } = await pullModel(wanted);
  hub.addRepository(NAME, { ...official, 'config.json': rewritten() }, { revision: SECOND });
  await pullModel({ ...wanted, dtype: 'q4' });
  expect(await readRecord(folder)).toMatchObject({
    revision: SECOND,
    dtypes: { q8: { revision: REVISION }, q4: { revision: SECOND } },
  });
  const before = hub.requests.length;
  await pullModel(wanted);
  expect(hub.requests.slice(before).some(({ path }) => path.includes('safetensors'))).toBe(true);
  expect(await readRecord(folder)).toMatchObject({
    dtypes: { q8: { revision: SECOND }, q4: { revision: SECOND } },
  });
});

test('a record that tells one commit for several dtypes proves none of them', async () => {
  const wanted = await pullOptions(hub);
  const { folder } = await pullModel(wanted);
  const weigh = async (): Promise<boolean> => {
    const older: object = (await readRecord(folder)) ?? {};
    Reflect.deleteProperty(older, 'dtypes');
    await writeFile(join(folder, 'glimpse.json'), JSON.stringify(older));
    const before = hub.requests.length;
    await pullModel(wanted);
    return hub.requests.slice(before).some(({ path }) => path.includes('safetensors'));
  };
  expect(await weigh()).toBe(false);
  await pullModel({ ...wanted, dtype: 'q4' });
  expect(await weigh()).toBe(true);
});

test('a branch of a repository is pulled where one is named', async () => {
  hub.addRepository(
    NAME,
    { ...official, 'config.json': rewritten() },
    { revision: SECOND, branch: 'float16' },
  );
  hub.addRepository(NAME, official);
  const wanted = await pullOptions(hub, { revision: 'float16' });
  const { folder } = await pullModel(wanted);
  expect(await readRecord(folder)).toMatchObject({ revision: SECOND, dtypes: { q8: { revision: SECOND } } });
  await expect(pullModel({ ...wanted, revision: 'float64' })).rejects.toThrow(
    `${NAME} has no revision float64.`,
  );
});

test('of two pulls of one model at a time the second is refused in a sentence, and the first ends well', async () => {
  const wanted = await pullOptions(hub);
  const both = await Promise.allSettled([pullModel(wanted), pullModel({ ...wanted, dtype: 'q4' })]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { name: 'UserError', message: expect.stringContaining('is at work on') as string },
  });
  expect(await readdir(wanted.models)).toEqual(['.downloads', 'demo-mix']);
  await expect(pullModel({ ...wanted, dtype: 'q4' })).resolves.toMatchObject({ dtype: 'q4' });
});
