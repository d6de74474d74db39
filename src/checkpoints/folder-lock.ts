import { randomUUID } from 'node:crypto';
import { link, open, readFile, realpath, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.js';
import { makeFolder } from '../file-errors.js';
import { exists } from './files.js';

/** How often whoever holds a folder says so, and after what silence nobody does. Milliseconds. */
const SIGN_OF_LIFE = 5000;
const SILENCE = 60_000;

const schema = z.object({
  /** Of this one holding: a process number may have been another process's before. */
  holding: z.string(),
  process: z.number(),
  machine: z.string(),
});

type Holder = z.infer<typeof schema>;

/** Holdings of this process. */
const mine = new Set<string>();

/**
 * Does something to a model's folder while no other process of Glimpse does anything to it. The folder need not be
 * there. What a process that died had held is free again.
 *
 * @throws {UserError} another is at work there
 */
export async function holdFolder<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  const place = (await exists(folder)) ? await realpath(folder) : resolve(folder);
  await makeFolder(dirname(place));
  const path = join(dirname(place), `.${basename(place)}.lock`);
  const holding = await take(path, folder);
  const timer = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, SIGN_OF_LIFE).unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
    if ((await holderOf(path))?.holding === holding) {
      await rm(path, { force: true });
    }
    mine.delete(holding);
  }
}

async function take(path: string, folder: string): Promise<string> {
  const holder: Holder = { holding: randomUUID(), process: process.pid, machine: hostname() };
  mine.add(holder.holding);
  try {
    while (!(await create(path, JSON.stringify(holder)))) {
      const other = await holderOf(path);
      if (!(await isAbandoned(path, other))) {
        throw new UserError(
          `Another Glimpse${describe(other)} is at work on ${folder}: wait until it is done, or end it.`,
        );
      }
      await clear(path, other);
    }
  } catch (error) {
    mine.delete(holder.holding);
    throw error;
  }
  return holder.holding;
}

/** False where there is one already. */
async function create(path: string, text: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx');
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      return false;
    }
    throw error;
  }
}

/** Undefined where nobody holds it, or it is just being written. */
async function holderOf(path: string): Promise<Holder | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

async function isAbandoned(path: string, holder: Holder | undefined): Promise<boolean> {
  if (holder?.machine === hostname()) {
    const isOurs = holder.process === process.pid;
    if (isOurs ? !mine.has(holder.holding) : !isRunning(holder.process)) {
      return true;
    }
    if (isOurs) {
      return false;
    }
  }
  const found = await stat(path).catch(() => undefined);
  return found === undefined || Date.now() - found.mtimeMs > SILENCE;
}

/** Takes an abandoned lock away, unless somebody else has done so and taken the folder in the meantime. */
async function clear(path: string, abandoned: Holder | undefined): Promise<void> {
  const aside = `${path}-${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await holderOf(aside))?.holding !== abandoned?.holding) {
    await link(aside, path).catch(() => undefined);
  }
  await rm(aside, { force: true });
}

function describe(holder: Holder | undefined): string {
  if (holder === undefined) {
    return '';
  }
  const place = holder.machine === hostname() ? '' : ` on ${holder.machine}`;
  return ` (process ${holder.process}${place})`;
}

/** Whether a process of this machine runs, whoever's it is. */
export function isRunning(processId: number): boolean {
  try {
    return Number.isInteger(processId) && process.kill(processId, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
