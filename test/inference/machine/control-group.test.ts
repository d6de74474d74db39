import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { containerLimits, type ContainerLimits } from '../../../src/inference/machine/control-group.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** @param membership what `/proc/self/cgroup` says; files by their paths below `/sys/fs/cgroup` */
async function limitsOf(files: Record<string, string>, membership = '0::/'): Promise<ContainerLimits> {
  const folder = await temporaryFolder();
  const root = join(folder, 'cgroup');
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), `${text}\n`);
  }
  await writeFile(join(folder, 'membership'), `${membership}\n`);
  return containerLimits(root, join(folder, 'membership'));
}

/** What version 1 says of a group without a limit. */
const UNLIMITED = '9223372036854771712';

test('a container has what is left of its memory, where files that are merely cached count as free', async () => {
  expect(
    await limitsOf({
      'memory.max': '4000000000',
      'memory.current': '3000000000',
      'memory.stat': 'anon 1000000000\nfile 2000000000\ninactive_file 1500000000\nactive_file 5',
      'cpu.max': '250000 100000',
    }),
  ).toEqual({ memory: 2_500_000_000, cores: 2.5 });
});

test('the word max is no limit', async () => {
  expect(await limitsOf({ 'memory.max': 'max', 'cpu.max': 'max 100000' })).toEqual({
    memory: undefined,
    cores: undefined,
  });
});

test('a machine without control groups has no limits', async () => {
  const none = join(await temporaryFolder(), 'none');
  expect(await containerLimits(none, none)).toEqual({ memory: undefined, cores: undefined });
});

describe('a unit of systemd', () => {
  const membership = '0::/system.slice/glimpse.service';

  test('has the limits of its own group', async () => {
    expect(
      await limitsOf(
        {
          'system.slice/glimpse.service/memory.max': '4000000000',
          'system.slice/glimpse.service/memory.current': '500000000',
          'system.slice/glimpse.service/cpu.max': '150000 100000',
          'system.slice/memory.max': 'max',
          'system.slice/cpu.max': 'max 100000',
        },
        membership,
      ),
    ).toEqual({ memory: 3_500_000_000, cores: 1.5 });
  });

  test('is not meant to have more than memory.high, above which it is slowed down', async () => {
    const group = 'system.slice/glimpse.service';
    expect(
      await limitsOf(
        {
          [`${group}/memory.max`]: '4000000000',
          [`${group}/memory.high`]: '3000000000',
          [`${group}/memory.current`]: '500000000',
        },
        membership,
      ),
    ).toMatchObject({ memory: 2_500_000_000 });
  });

  test('has those of the groups above it, of which the least counts', async () => {
    expect(
      await limitsOf(
        {
          'system.slice/glimpse.service/memory.max': '4000000000',
          'system.slice/glimpse.service/memory.current': '1000000000',
          // Others in it have taken most already.
          'system.slice/memory.max': '6000000000',
          'system.slice/memory.current': '5500000000',
          'system.slice/glimpse.service/cpu.max': 'max 100000',
          'system.slice/cpu.max': '200000 100000',
        },
        membership,
      ),
    ).toEqual({ memory: 500_000_000, cores: 2 });
  });
});

describe('version 1', () => {
  test('tells the limits of a container at the root of each tree', async () => {
    expect(
      await limitsOf({
        'memory/memory.limit_in_bytes': '600000000',
        'memory/memory.usage_in_bytes': '100000000',
        'memory/memory.stat': 'cache 20000000\ninactive_file 7\ntotal_inactive_file 10000000',
        'cpu/cpu.cfs_quota_us': '50000',
        'cpu/cpu.cfs_period_us': '100000',
      }),
    ).toEqual({ memory: 510_000_000, cores: 0.5 });
  });

  test('has a largest number where nothing is limited, and -1', async () => {
    expect(
      await limitsOf({
        'memory/memory.limit_in_bytes': UNLIMITED,
        'memory/memory.usage_in_bytes': '5',
        'cpu/cpu.cfs_quota_us': '-1',
        'cpu/cpu.cfs_period_us': '100000',
      }),
    ).toEqual({ memory: undefined, cores: undefined });
  });

  test('tells those of a group below, in the tree of each kind, and of those above it', async () => {
    const membership = '12:memory:/docker/abc\n7:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n0::/';
    expect(
      await limitsOf(
        {
          'memory/memory.limit_in_bytes': UNLIMITED,
          'memory/docker/memory.limit_in_bytes': '900000000',
          'memory/docker/memory.usage_in_bytes': '100000000',
          'memory/docker/abc/memory.limit_in_bytes': '2000000000',
          'cpu/docker/abc/cpu.cfs_quota_us': '300000',
          'cpu/docker/abc/cpu.cfs_period_us': '100000',
        },
        membership,
      ),
    ).toEqual({ memory: 800_000_000, cores: 3 });
  });

  test('is seen from within a container whose tree begins with its own group', async () => {
    const membership = '12:memory:/docker/abc\n7:cpu,cpuacct:/docker/abc';
    expect(await limitsOf({ 'memory/memory.limit_in_bytes': '600000000' }, membership)).toEqual({
      memory: 600_000_000,
      cores: undefined,
    });
  });
});

test('a group outside of what a container sees limits as much as its root does', async () => {
  expect(await limitsOf({ 'memory.max': '700000000' }, '0::/../other.scope')).toMatchObject({
    memory: 700_000_000,
  });
});
