import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What a container or a unit of systemd may use; undefined where nothing limits it. */
export interface ContainerLimits {
  /** Bytes it may still take; memory that only caches files counts as free. */
  readonly memory: number | undefined;
  /** Cores, of which a part may be a fraction. */
  readonly cores: number | undefined;
}

/** Where Linux has control groups: of version 2 in one tree, of version 1 in a tree for each kind of limit. */
const CONTROL_GROUPS = '/sys/fs/cgroup';
/** Where it tells which of them this process is in: `0::/path` for version 2, `4:memory:/path` for version 1. */
const MEMBERSHIP = '/proc/self/cgroup';

/** The file of a group, without the spaces around it; empty where there is none. */
type Read = (file: string) => Promise<string>;

/**
 * The limits of the control group that this process runs in and of all above it, each of which counts: Docker's
 * `--memory` and `--cpus`, systemd's `MemoryMax=`, `MemoryHigh=` and `CPUQuota=`, and the like
 * (https://docs.kernel.org/admin-guide/cgroup-v2.html, https://docs.kernel.org/admin-guide/cgroup-v1/memory.html).
 */
export async function containerLimits(
  root = CONTROL_GROUPS,
  membership = MEMBERSHIP,
): Promise<ContainerLimits> {
  const paths = pathsOf(await textOf(membership));
  const unified = foldersUpTo(root, paths.get('') ?? '/');
  const memory = [
    ...(await Promise.all(unified.map(async (folder) => memoryOfVersion2(readerOf(folder))))),
    ...(await Promise.all(
      foldersUpTo(join(root, 'memory'), paths.get('memory') ?? '/').map(async (folder) =>
        memoryOfVersion1(readerOf(folder)),
      ),
    )),
  ];
  const cores = [
    ...(await Promise.all(unified.map(async (folder) => coresOfVersion2(readerOf(folder))))),
    ...(await Promise.all(
      foldersUpTo(join(root, 'cpu'), paths.get('cpu') ?? '/').map(async (folder) =>
        coresOfVersion1(readerOf(folder)),
      ),
    )),
  ];
  return { memory: least(memory), cores: least(cores) };
}

/** The path of this process's group by the kind of limit; that of version 2 under the empty name. */
function pathsOf(membership: string): Map<string, string> {
  const paths = new Map<string, string>();
  for (const [, kinds, path] of membership.matchAll(/^\d+:([^:]*):(\/.*)$/gm)) {
    for (const kind of kinds.split(',')) {
      paths.set(kind, path);
    }
  }
  return paths;
}

/**
 * The folders of a group and of those above it. In a container the tree may begin with its own group while the path is
 * that of the whole machine: what is not there limits nothing, and the root is always among them.
 */
function foldersUpTo(root: string, path: string): string[] {
  const folders: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    // A group outside of what this process sees is told with `..`.
    folders.push(at.includes('..') ? root : join(root, at));
    if (at === dirname(at)) {
      return folders;
    }
  }
}

/** Above `memory.high` Linux slows a process down so much that it is as good as stopped. */
async function memoryOfVersion2(read: Read): Promise<number | undefined> {
  const used = await read('memory.current');
  const cached = field(await read('memory.stat'), 'inactive_file');
  return least([left(await read('memory.max'), used, cached), left(await read('memory.high'), used, cached)]);
}

async function memoryOfVersion1(read: Read): Promise<number | undefined> {
  const cached = field(await read('memory.stat'), 'total_inactive_file');
  return left(await read('memory.limit_in_bytes'), await read('memory.usage_in_bytes'), cached);
}

/** Version 1 says of a group without a limit that it has the largest number of pages; the machine has less anyway. */
function left(limit: string, used: string, cached: number): number | undefined {
  const bytes = wholeNumber(limit);
  return bytes === undefined || bytes > Number.MAX_SAFE_INTEGER
    ? undefined
    : Math.max(0, bytes - (wholeNumber(used) ?? 0) + cached);
}

async function coresOfVersion2(read: Read): Promise<number | undefined> {
  const [quota = '', period = ''] = (await read('cpu.max')).split(' ');
  return share(quota, period);
}

async function coresOfVersion1(read: Read): Promise<number | undefined> {
  return share(await read('cpu.cfs_quota_us'), await read('cpu.cfs_period_us'));
}

/** Without a quota there stands `max` in version 2, and -1 in version 1. */
function share(quota: string, period: string): number | undefined {
  const [microseconds, of] = [wholeNumber(quota), wholeNumber(period)];
  return microseconds === undefined || of === undefined || of === 0 ? undefined : microseconds / of;
}

function readerOf(folder: string): Read {
  return (file) => textOf(join(folder, file));
}

async function textOf(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(() => '')).trim();
}

function field(stat: string, name: string): number {
  return wholeNumber(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? '') ?? 0;
}

function least(limits: readonly (number | undefined)[]): number | undefined {
  const known = limits.filter((limit) => limit !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Undefined for anything else. */
function wholeNumber(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
