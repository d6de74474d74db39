import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEMO_MODEL } from '../../../src/config.js';
import { runCli } from '../../support/run-cli.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

test('the runtime tells nobody of what it runs, and leaves no trace of that in the home folder', async () => {
  const home = await temporaryFolder();
  const picture = join(DEMO_MODEL, 'samples/four-shapes.jpg');
  const { status } = await runCli(['describe', picture], await temporaryFolder(), {
    HOME: home,
    XDG_CACHE_HOME: join(home, 'cache'),
    ORT_DISABLE_TELEMETRY: '',
  });
  expect(status).toBe(0);
  expect(await readdir(home)).toEqual([]);
});
