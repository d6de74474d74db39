import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.js';
import { StrictDiscord } from '../support/discord/strict-discord.js';
import { redCircle } from '../support/drawn-pictures.js';
import { cliArguments } from '../support/run-cli.js';

const WITHIN = { timeout: 30_000 };

let discord: StrictDiscord;
let folder: string;
let settings: Record<string, string>;

beforeEach(async () => {
  discord = await StrictDiscord.start();
  folder = await mkdtemp(join(tmpdir(), 'glimpse-end-'));
  settings = {
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.apiUrl,
    MONITORING_PORT: 'off',
    STORE: 'off',
  };
});

afterEach(async () => {
  await discord.close();
  await rm(folder, { recursive: true });
});

interface Started {
  readonly child: ChildProcess;
  /** All that it has written. */
  readonly written: () => string;
  /** Its exit status, or the signal that ended it. */
  readonly end: Promise<unknown>;
}

function start(more: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, cliArguments('start'), {
    cwd: folder,
    env: { PATH: process.env.PATH, ...settings, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => (text += String(chunk)));
  }
  const end = once(child, 'close').then(([status, signal]: unknown[]) => status ?? signal);
  return { child, written: () => text, end };
}

async function online(started: Started): Promise<void> {
  await expect.poll(started.written, WITHIN).toContain(' is online.');
}

describe('a bot whose connection Discord ends for good ends too', () => {
  test.each([
    [4004, 2, 'Discord does not accept DISCORD_TOKEN, or no longer. Copy the token again'],
    [4011, 1, 'Discord wants the connection of this bot to be divided anew (4011)'],
    [4014, 2, 'Discord does not let this bot hear of its servers (4014).'],
  ])('%i: with status %i and a sentence', async (code, status, sentence) => {
    const bot = start();
    await online(bot);
    await discord.closeGateway(code);
    expect(await bot.end).toBe(status);
    const lines = bot.written().split('\n');
    expect(lines.filter((line) => line.startsWith(sentence))).toHaveLength(1);
    expect(bot.written()).not.toContain('fault of Glimpse');
  });

  test('at the start: with status 1 where no connection is left today', async () => {
    const limited = await StrictDiscord.start({ sessionStarts: 0 });
    const bot = start({ DISCORD_TOKEN: limited.token, DISCORD_API_URL: limited.apiUrl });
    expect(await bot.end).toBe(1);
    expect(bot.written()).toContain('This bot has connected to Discord so often today');
    expect(bot.written()).not.toContain('fault of Glimpse');
    await limited.close();
  });
});

test('a second signal ends it at once, though it is not the same', async () => {
  const bot = start({ SHUTDOWN_LIMIT: '600', ATTACHMENT_HOSTS: discord.attachmentHost });
  await online(bot);
  const worker = Number(/"worker":(\d+)/.exec(bot.written())?.[1]);
  process.kill(worker, 'SIGSTOP');
  const { png } = await redCircle();
  const image = discord.upload(png, { name: 'circle.png' });
  const member = discord.addMember({ server: discord.addServer() });
  await (
    await member.slash('describe', { image })
  ).acknowledged;
  bot.child.kill('SIGINT');
  await expect.poll(bot.written, WITHIN).toContain('"stopping"');
  bot.child.kill('SIGTERM');
  expect(await bot.end).toBe('SIGTERM');
  process.kill(worker, 'SIGKILL');
});

test('its port is there before it is ready: alive, and not ready; then both', async () => {
  const port = String(await freePort());
  const base = `http://127.0.0.1:${port}`;
  const statusOf = async (path: string): Promise<number> =>
    fetch(`${base}${path}`).then(
      ({ status }) => status,
      () => 0,
    );
  // Discord does not let it in for a while.
  discord.failNext({ route: /gateway\/bot/ }, { status: 500, afterMs: 3000 });
  const bot = start({ MONITORING_PORT: port });
  await expect.poll(() => statusOf('/livez'), WITHIN).toBe(200);
  expect(await statusOf('/readyz')).toBe(503);
  expect(await (await fetch(`${base}/healthz`)).json()).toMatchObject({ ok: false });
  await online(bot);
  expect(await statusOf('/readyz')).toBe(200);
  await discord.closeGateway(4003);
  await expect.poll(() => statusOf('/readyz')).toBe(503);
  expect(await statusOf('/livez')).toBe(200);
  bot.child.kill('SIGTERM');
  expect(await bot.end).toBe(0);
});
