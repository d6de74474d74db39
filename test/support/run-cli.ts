import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Lets Node run TypeScript as it is. */
export const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

export interface CliResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The lines of standard error without those that tell what takes long, which come on a slow or busy machine only. */
export function withoutProgress(stderr: string): string[] {
  return stderr
    .trim()
    .split('\n')
    .filter((line) => !/^[A-Z][^.]* …$/.test(line));
}

/** The same command, which does not pause before it asks a hub again. */
export const IMPATIENT_CLI = fileURLToPath(new URL('./impatient-cli.ts', import.meta.url));

/** What Node is to be called with for the `glimpse` command from its sources. */
export function cliArguments(...args: readonly string[]): string[] {
  return ['--import', TSX, CLI, ...args];
}

/**
 * Runs the `glimpse` command from its sources in a process of its own, as a person would.
 *
 * @param cwd the working directory, where annotated pictures go
 * @param settings as in `.env`
 * @param command `IMPATIENT_CLI` where a hub is away
 */
export async function runCli(
  args: readonly string[],
  cwd: string,
  settings: Readonly<Record<string, string>> = {},
  command = CLI,
): Promise<CliResult> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...settings };
    execFile(process.execPath, ['--import', TSX, command, ...args], { cwd, env }, (error, stdout, stderr) => {
      resolve({
        status: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1,
        stdout,
        stderr,
      });
    });
  });
}
