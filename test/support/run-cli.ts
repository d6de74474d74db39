import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

export interface CliResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the `glimpse` command from its sources in a process of its own, as a person would.
 *
 * @param cwd the working directory, where annotated pictures go
 */
export async function runCli(args: readonly string[], cwd: string): Promise<CliResult> {
  const tsx = import.meta.resolve('tsx', `file://${ROOT}`);
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', tsx, CLI, ...args], { cwd }, (error, stdout, stderr) => {
      resolve({
        status: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1,
        stdout,
        stderr,
      });
    });
  });
}
