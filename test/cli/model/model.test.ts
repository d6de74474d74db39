import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { convertCheckpoint } from '../../../src/checkpoints/convert.js';
import { DEMO_MODEL } from '../../../src/config.js';
import { LoopbackHub } from '../../support/hub/loopback-hub.js';
import { IMPATIENT_CLI, runCli, withoutProgress, type CliResult } from '../../support/run-cli.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const NAME = 'google/demo-mix';
let hub: LoopbackHub;

beforeAll(async () => {
  hub = await LoopbackHub.start();
  const names = ['config.json', 'preprocessor_config.json', 'tokenizer.json', 'tokenizer_config.json'];
  const files: Record<string, Uint8Array> = {};
  for (const name of [...names, 'model.safetensors']) {
    files[name] = await readFile(join(DEMO_MODEL, name));
  }
  hub.addRepository(NAME, files, { gated: true });
});

afterAll(async () => {
  await hub.close();
});

/** An address at which nobody listens any more. */
async function nobody(): Promise<string> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return `http://127.0.0.1:${port}`;
}

async function glimpse(
  models: string,
  args: string[],
  more: Record<string, string> = {},
): Promise<CliResult> {
  const settings = {
    MODELS: models,
    HF_ENDPOINT: hub.endpoint,
    HF_TOKEN: hub.acceptedToken,
    MASK_DECODER_URL: `${hub.endpoint}/nowhere`,
    ...more,
  };
  return runCli(args, models, settings, IMPATIENT_CLI);
}

test('a model is pulled, listed, described, asked by its name, and removed', async () => {
  const models = await temporaryFolder();
  const pulled = await glimpse(models, ['model', 'pull', NAME, '--dtype', 'q4']);
  expect(pulled.stderr).toContain(
    `${NAME} is in ${join(models, 'demo-mix')} as q4. To use it: MODEL=demo-mix\n`,
  );
  expect(pulled.stderr).toContain("Gemma's terms of use apply to it");
  expect(pulled.stderr).toContain('Objects will have boxes but no outlines');
  expect(pulled.status).toBe(0);

  const listed = await glimpse(models, ['model', 'list'], { MODEL: 'demo-mix' });
  expect(listed.stdout).toMatch(/^\* {2}demo-mix {2}q4 {2}0\.0 GB {2}google\/demo-mix of \d{4}-\d\d-\d\d\n$/);

  const described = await glimpse(models, ['model', 'info', 'demo-mix']);
  expect(described.stdout).toMatch(/^Pictures: +160 x 160 pixels, 100 tokens$/m);
  expect(described.stdout).toMatch(/^As q4: +about 0\.3 GB of memory$/m);
  expect(described.stdout).toMatch(/^Licence: +Gemma terms of use/m);
  expect(described.stdout).toMatch(/^Note: +Google calls the mix checkpoints research models\.$/m);

  const picture = join(DEMO_MODEL, 'samples', 'star-diamond-square.jpg');
  const asked = await glimpse(models, ['ask', picture, 'What color is the square?', '--model', 'demo-mix']);
  expect(asked).toMatchObject({ status: 0 });
  expect(asked.stdout).not.toBe('\n');

  const unasked = await glimpse(models, ['model', 'remove', 'demo-mix']);
  expect(unasked).toMatchObject({ status: 2, stderr: expect.stringContaining('add --yes') as string });
  const removed = await glimpse(models, ['model', 'remove', 'demo-mix', '--yes']);
  expect(removed).toMatchObject({ status: 0, stderr: 'demo-mix is deleted.\n' });
  expect(existsSync(join(models, 'demo-mix'))).toBe(false);
});

test('what can not be pulled is told in one line, with status 2', async () => {
  const models = await temporaryFolder();
  const results = [
    [await glimpse(models, ['model', 'pull', NAME], { HF_TOKEN: '' }), /accepted its licence: do so on/],
    [await glimpse(models, ['model', 'pull', NAME], { HF_TOKEN: 'hf_wrong' }), /does not accept HF_TOKEN/],
    [await glimpse(models, ['model', 'pull', 'google/nothing']), /has no google\/nothing that may be read/],
    [await glimpse(models, ['model', 'pull', 'nothing']), /is no repository's name/],
    [
      await glimpse(models, ['model', 'pull', NAME], { HF_ENDPOINT: 'http://127.0.0.1:9' }),
      /can't be reached/,
    ],
    [
      await glimpse(models, ['model', 'pull', NAME], { HF_ENDPOINT: await nobody() }),
      /can't be reached\. Nothing answers at its port\. It was tried 6 times/,
    ],
    [await glimpse(models, ['model', 'pull', NAME, '--revision', 'none']), /has no revision none/],
  ] as const;
  for (const [{ status, stderr }, sentence] of results) {
    expect(stderr).toMatch(sentence);
    expect(withoutProgress(stderr)).toHaveLength(1);
    expect(stderr).not.toContain(hub.acceptedToken);
    expect(status).toBe(2);
  }
});

test('nothing but a model in the models folder is removed', async () => {
  const models = await temporaryFolder();
  const elsewhere = join(await temporaryFolder(), 'elsewhere');
  await convertCheckpoint({ from: DEMO_MODEL, to: elsewhere, dtype: 'q4' });
  await symlink(elsewhere, join(models, 'link'));
  await mkdir(join(models, 'photos'));
  for (const name of ['link', 'photos', '../elsewhere', '..', '.', elsewhere]) {
    expect(await glimpse(models, ['model', 'remove', name, '--yes'])).toMatchObject({ status: 2 });
  }
  expect(existsSync(join(elsewhere, 'config.json'))).toBe(true);
  expect(existsSync(join(models, 'photos'))).toBe(true);
  const demo = await runCli(['model', 'remove', 'demo', '--yes'], models, {});
  expect(demo).toMatchObject({ status: 2, stderr: expect.stringContaining('it stays') as string });
});

test('the demo is known however its folder is called, and stays', async () => {
  const elsewhere = await temporaryFolder();
  await symlink(join(DEMO_MODEL, '..'), join(elsewhere, 'models'));
  // As where `Demo` is `demo` because file names ignore case: another path, the same folder.
  const removed = await glimpse(join(elsewhere, 'models'), ['model', 'remove', 'demo']);
  expect(removed).toMatchObject({ status: 2, stderr: expect.stringContaining('it stays') as string });
  expect(existsSync(join(DEMO_MODEL, 'config.json'))).toBe(true);
});
