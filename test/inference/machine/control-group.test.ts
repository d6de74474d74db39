import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { containerLimits } from '../../../src/inference/machine/control-group.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

async function controlGroup(files: Record<string, string>): Promise<string> {
  const folder = join(await temporaryFolder(), 'cgroup');
  await mkdir(folder);
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text);
  }
  return folder;
}

test('a container has what is left of its memory, where files that are merely cached count as free', async () => {
  const folder = await controlGroup({
    'memory.max': '4000000000\n',
    'memory.current': '3000000000\n',
    'memory.stat': 'anon 1000000000\nfile 2000000000\ninactive_file 1500000000\nactive_file 5\n',
    'cpu.max': '250000 100000\n',
  });
  expect(await containerLimits(folder)).toEqual({ memory: 2_500_000_000, cores: 2.5 });
});

test('the word max is no limit', async () => {
  const folder = await controlGroup({ 'memory.max': 'max\n', 'cpu.max': 'max 100000\n' });
  expect(await containerLimits(folder)).toEqual({ memory: undefined, cores: undefined });
});

test('a machine without control groups has no limits', async () => {
  expect(await containerLimits(join(await temporaryFolder(), 'none'))).toEqual({
    memory: undefined,
    cores: undefined,
  });
});
