import { spawn } from 'node:child_process';

/**
 * Runs a program to its end and gives the last line that it printed, read as JSON.
 *
 * @throws {Error} it failed; what it said is in the message
 */
export async function runForJson<T>(command: string, args: readonly string[]): Promise<T> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const last = printed.trimEnd().split('\n').at(-1) ?? '';
  if (code !== 0 || !last.startsWith('{')) {
    throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${complaints.slice(-2000)}`);
  }
  return JSON.parse(last) as T;
}

/** A TypeScript file of this folder as a process of its own. */
export async function runScript<T>(file: string, args: readonly string[]): Promise<T> {
  const path = new URL(file, import.meta.url).pathname;
  return runForJson<T>(process.execPath, ['--import', 'tsx', path, ...args]);
}
