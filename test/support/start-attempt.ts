import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What came of starting the bot. */
export interface StartAttempt {
  /** Whether it came online. */
  readonly online: boolean;
  readonly status: number | null;
  /** Lines for its owner, on standard error. */
  readonly said: readonly string[];
  /** Lines of its log. */
  readonly logged: readonly string[];
}

export interface StartAttemptOptions {
  /** What Node is to run. */
  readonly program: readonly string[];
  /** As in `.env`. */
  readonly settings: Readonly<Record<string, string>>;
  /** The working directory; an empty one unless given. */
  readonly cwd?: string;
  /** An open file that takes the log. */
  readonly log?: number;
  /** The number of another user whom it runs as. */
  readonly user?: number;
  /** What happens to it when it is online; it is stopped unless given. */
  readonly onceOnline?: () => unknown;
  /** After this it is killed. Milliseconds. */
  readonly killAfterMs?: number;
}

/** Starts the bot and waits until it is online or has ended. */
export async function attemptStart(options: StartAttemptOptions): Promise<StartAttempt> {
  const folder = await mkdtemp(join(tmpdir(), 'glimpse-start-'));
  try {
    await chmod(folder, 0o755);
    return await attemptIn(options.cwd ?? folder, options);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function attemptIn(
  cwd: string,
  { program, settings, log, user, onceOnline, killAfterMs }: StartAttemptOptions,
): Promise<StartAttempt> {
  const child = spawn(process.execPath, program, {
    cwd,
    env: { PATH: process.env.PATH, ...settings },
    stdio: ['ignore', log ?? 'pipe', 'pipe'],
    ...(user === undefined ? {} : { uid: user, gid: user }),
    ...(killAfterMs === undefined ? {} : { timeout: killAfterMs, killSignal: 'SIGKILL' as const }),
  });
  let [said, logged, online] = ['', '', false];
  child.stdout?.on('data', (text) => (logged += String(text)));
  child.stderr?.on('data', (text) => {
    said += String(text);
    if (!online && said.includes(' is online.')) {
      online = true;
      if (onceOnline === undefined) {
        child.kill('SIGTERM');
      } else {
        onceOnline();
      }
    }
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { online, status, said: linesOf(said), logged: linesOf(logged) };
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
