import { open, readlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../errors.js';
import type { Provider } from '../../task.js';
import { FETCH_AGAIN } from './checkpoint-folder.js';

/** Characters of what ONNX Runtime says of a file. */
const LONGEST_REASON = 200;

/** What stands in the place of a large file in a repository that was cloned without Git LFS. */
const GIT_LFS = 'version https://git-lfs';

/** What ONNX Runtime says, with its mend; the first that fits counts. */
const MENDS: readonly (readonly [says: RegExp, mend: string])[] = [
  [
    /Unsupported model IR version|Opset \d+ is under development|\*guarantees\* support/i,
    'This export is newer than the ONNX Runtime here: install a newer Glimpse, or take an older export.',
  ],
  [
    /No Op registered for|is not a registered function|could not find an implementation|NOT_IMPLEMENTED/i,
    'This export computes with what the ONNX Runtime here does not know, or not with this provider: another DTYPE, PROVIDER or export may work.',
  ],
  [
    /bad_alloc|failed to allocate|out of memory|cannot allocate memory|errcode = 12\b/i,
    'There is not enough memory: end other programs, or take a smaller DTYPE or model.',
  ],
  [
    /adapter|vulkan|d3d12|metal|device lost|failed to create.*device/i,
    'The driver of the graphics card must be installed, on Linux for Vulkan (vulkaninfo shows it); PROVIDER=cpu does without.',
  ],
  [/too many open files|errcode = 24\b/i, '"ulimit -n" raises the number of files that may be open.'],
];

/**
 * Why a graph could not be opened, with a mend that fits: not every failure is a damaged file.
 *
 * @param cause what ONNX Runtime threw
 */
export async function explainLoadFailure(
  cause: unknown,
  file: string,
  provider: Provider,
): Promise<UserError> {
  const says = cause instanceof Error ? cause.message : String(cause);
  const told =
    (await explainPointer(file)) ?? (await explainLink(says, file)) ?? (await explainMissing(says, file));
  if (told !== undefined) {
    return new UserError(told, { cause });
  }
  const mend = MENDS.find(([pattern]) => pattern.test(says))?.[1] ?? FETCH_AGAIN;
  const why = shortened(says.split('\n')[0]);
  return new UserError(`${basename(file)} can't be loaded with the provider ${provider}: ${why} ${mend}`, {
    cause,
  });
}

/** What ONNX Runtime says first; it goes on with all of its sources that are concerned. */
export function shortened(why: string): string {
  return why.length <= LONGEST_REASON ? why : `${why.slice(0, LONGEST_REASON)}…`;
}

async function explainPointer(file: string): Promise<string | undefined> {
  return (await beginningOf(file)) === GIT_LFS
    ? `${file} is not the graph itself but what Git LFS puts in its place: run "git lfs pull" in the repository.`
    : undefined;
}

/** Weights may not be linked to from elsewhere unless their graph is as well: ONNX Runtime looks where that is. */
async function explainLink(says: string, file: string): Promise<string | undefined> {
  if (!says.includes('escapes model directory')) {
    return undefined;
  }
  const name = /External data path: "([^"]+)"/.exec(says)?.[1] ?? `${basename(file)}_data`;
  const target = await targetOf(join(dirname(file), name));
  const where = target === undefined ? 'lies outside of the folder' : `is a link to ${target}`;
  return (
    `${name} ${where}, and ONNX Runtime reads weights only from the folder that their graph is in: ` +
    `move ${basename(file)} there too and link it, or link the whole folder of the model.`
  );
}

async function explainMissing(says: string, file: string): Promise<string | undefined> {
  const path = /External data path does not exist: "([^"]+)"/.exec(says)?.[1];
  if (path === undefined) {
    return undefined;
  }
  const target = await targetOf(path);
  return target === undefined
    ? `The weights of ${basename(file)} are missing: there is no ${path}. Pull or convert the model again.`
    : `${path} is a link to ${target}, and there is no such file: see that its disk is there.`;
}

async function targetOf(path: string): Promise<string | undefined> {
  return readlink(path).catch(() => undefined);
}

async function beginningOf(file: string): Promise<string> {
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(GIT_LFS.length), 0, GIT_LFS.length, 0);
      return buffer.toString('latin1', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}
