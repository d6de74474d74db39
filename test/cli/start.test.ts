import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TaskState } from '../../src/playground/interface.js';
import { asShown } from '../support/as-shown.js';
import { StrictDiscord, type Member } from '../support/discord/strict-discord.js';
import { redCircle, type DrawnPicture } from '../support/drawn-pictures.js';
import { freePort } from '../support/free-port.js';
import { cliArguments } from '../support/run-cli.js';

let discord: StrictDiscord;
let member: Member;
let circle: DrawnPicture;
let settings: Record<string, string>;
let bot: ChildProcess;
let lines: string[];

beforeAll(async () => {
  discord = await StrictDiscord.start();
  member = discord.addMember({ server: discord.addServer() });
  circle = await redCircle();
  settings = {
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.apiUrl,
    ATTACHMENT_HOSTS: discord.attachmentHost,
    MONITORING_PORT: String(await freePort()),
    STORE: 'off',
    PLAYGROUND: 'on',
    PLAYGROUND_PORT: String(await freePort()),
  };
  ({ bot, lines } = await startBot(settings));
});

afterAll(async () => {
  bot.kill('SIGKILL');
  await discord.close();
});

async function describeCircle(): Promise<Awaited<ReturnType<Member['slash']>>> {
  return member.slash('describe', { image: discord.upload(circle.png, { name: 'circle.png' }) });
}

test('glimpse start with a token registers the commands, prints an invite link, and answers', async () => {
  await expect.poll(() => lines.join('\n')).toContain(`client_id=${discord.applicationId}`);
  const message = await (await describeCircle()).settled({ timeoutMs: 20_000 });
  expect(asShown(message)).toBe('a red circle');
  expect(discord.violations).toEqual([]);
});

test('/healthz says that all is well, and /metrics counts the answer', async () => {
  await (await describeCircle()).settled({ timeoutMs: 20_000 });
  const base = `http://127.0.0.1:${settings.MONITORING_PORT}`;
  const health = await fetch(`${base}/healthz`);
  expect(health.status).toBe(200);
  expect(await health.json()).toMatchObject({ ok: true });
  const metrics = await (await fetch(`${base}/metrics`)).text();
  expect(metrics).toMatch(/^glimpse_requests_total\{.*describe.*\} [1-9]/m);
  expect(metrics).toMatch(/^nodejs_eventloop_lag_max_seconds /m);
});

test('with PLAYGROUND=on the same process answers on the page too', async () => {
  expect(await describeAt(settings.PLAYGROUND_PORT)).toBe('a red circle');
  const metrics = await (await fetch(`http://127.0.0.1:${settings.MONITORING_PORT}/metrics`)).text();
  expect(metrics).toMatch(/^glimpse_requests_total\{.*describe.*\} [2-9]/m);
});

test('a model process that dies is started again, and the next picture is answered', async () => {
  process.kill(workerPid(lines), 'SIGKILL');
  const message = await (await describeCircle()).settled({ timeoutMs: 30_000 });
  expect(asShown(message)).toBe('a red circle');
});

test('the process that decodes pictures does not know the token', async () => {
  const environment = `/proc/${workerPid(lines)}/environ`;
  // Only Linux tells it.
  if (process.platform === 'linux') {
    expect(await readFile(environment, 'utf8')).not.toContain(discord.token);
    expect(await readFile(`/proc/${String(bot.pid)}/environ`, 'utf8')).toContain(discord.token);
  }
});

test('a port that is taken is told in a line, with status 2', async () => {
  const { status, output } = await endOf({
    PLAYGROUND_PORT: settings.MONITORING_PORT,
    MONITORING_PORT: 'off',
  });
  expect(output).toContain(
    `Port ${settings.MONITORING_PORT} of 127.0.0.1 is taken. Set PLAYGROUND_PORT to a free port.`,
  );
  expect(status).toBe(2);
});

test('SIGTERM ends it cleanly, and leaves no process behind', async () => {
  const pid = workerPid(lines);
  const ended = once(bot, 'exit');
  bot.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('without a token it opens the playground, says how to connect Discord, and SIGTERM ends it cleanly', async () => {
  const port = String(await freePort());
  const { bot: playground, lines: seen } = await startBot({ PLAYGROUND_PORT: port, MONITORING_PORT: 'off' });
  await expect.poll(() => seen.join('\n')).toContain('To connect Glimpse to Discord');
  expect(seen.join('\n')).toContain(`The playground is open: http://127.0.0.1:${port}`);
  expect(await describeAt(port)).toBe('a red circle');
  const ended = once(playground, 'exit');
  playground.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});

test.each([
  ['with nothing to start', { PLAYGROUND: 'off' }, /There is nothing to start/],
  [
    'with the playground open to others and no token',
    { PLAYGROUND_HOST: '0.0.0.0' },
    /PLAYGROUND_TOKEN must be/,
  ],
])('%s it ends with a sentence and status 2', async (_name, environment, sentence) => {
  const { status, output } = await endOf(environment);
  expect(output).toMatch(sentence);
  expect(status).toBe(2);
});

test('a token that Discord does not accept is told in one line, with status 2', async () => {
  const { status, output } = await endOf({ ...settings, DISCORD_TOKEN: 'bm90.YQ.dG9rZW4' });
  expect(output).toContain('Discord does not accept DISCORD_TOKEN');
  expect(output).not.toContain('bm90.YQ.dG9rZW4');
  expect(status).toBe(2);
});

test('mistakes in the settings are told one line each, before anything is started', async () => {
  const { status, output } = await endOf({ DISCORD_TOKEN: 'not a token', QUEUE_LIMIT: 'many' });
  expect(output.trim().split('\n')).toHaveLength(2);
  expect(output).toContain('QUEUE_LIMIT must be');
  expect(status).toBe(2);
});

/** What a playground says of the circle. */
async function describeAt(port: string): Promise<string | undefined> {
  const form = new FormData();
  form.set('task', JSON.stringify({ kind: 'describe' }));
  form.set('picture', new Blob([Uint8Array.from(circle.png)]), 'circle.png');
  const tasks = `http://127.0.0.1:${port}/api/tasks`;
  const { id } = (await (await fetch(tasks, { method: 'POST', body: form })).json()) as TaskState;
  await (await fetch(`${tasks}/${id}/events`)).text();
  const state = (await (await fetch(`${tasks}/${id}`)).json()) as TaskState;
  return state.state === 'answered' ? state.answer.text : undefined;
}

function workerPid(log: readonly string[]): number {
  const started = log
    .filter((line) => line.includes('worker started'))
    .map((line) => (JSON.parse(line) as { worker: number }).worker);
  return started.at(-1) ?? Number.NaN;
}

async function startBot(
  environment: Record<string, string>,
): Promise<{ bot: ChildProcess; lines: string[] }> {
  const child = spawnCli(environment);
  const seen: string[] = [];
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => {
      reject(new Error(`The bot ended with ${String(code)}:\n${seen.join('\n')}`));
    });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        seen.push(line);
        if (line.includes('"ready"')) {
          resolve();
        }
      });
    }
  });
  return { bot: child, lines: seen };
}

async function endOf(environment: Record<string, string>): Promise<{ status: number; output: string }> {
  const child = spawnCli(environment);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => (output += String(chunk)));
  }
  const [status] = (await once(child, 'close')) as [number];
  return { status, output };
}

function spawnCli(environment: Record<string, string>): ReturnType<typeof spawn> & {
  stdout: NodeJS.ReadableStream;
  stderr: NodeJS.ReadableStream;
} {
  // A folder without a .env of somebody's.
  return spawn(process.execPath, cliArguments('start'), {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
