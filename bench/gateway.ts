/**
 * How the bot behaves towards Discord: how soon it acknowledges when 200 members ask at once while a job runs, how long
 * its event loop pauses, and how much time it adds around inference. The built bot runs as its owner runs it, in
 * processes of its own, against a strict Discord on loopback.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Timings } from '../src/task.js';
import { BotProcess, type LogLine } from '../test/support/bot-process.js';
import { StrictDiscord } from '../test/support/discord/strict-discord.js';
import { blueSquare, redCircle } from '../test/support/drawn-pictures.js';

const QUIET_REQUESTS = 40;
const MEMBERS = 200;
const MONITORING_PORT = '19464';

const discord = await StrictDiscord.start();
const store = await mkdtemp(join(tmpdir(), 'glimpse-gateway-'));
const bot = await BotProcess.start(
  {
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.apiUrl,
    ATTACHMENT_HOSTS: discord.attachmentHost,
    QUEUE_LIMIT: '1000',
    MONITORING_PORT,
    STORE: store,
  },
  'build',
);
const server = discord.addServer();
const { png } = await redCircle();
const { png: otherPng } = await blueSquare();

try {
  const added = await timeAdded();
  await bot.longestPause();
  const acknowledgements = await flood();
  const pause = await bot.longestPause();

  console.log('| what | measured | goal |');
  console.log('| --- | --- | --- |');
  console.log(
    `| acknowledged, ${MEMBERS} at once while a job runs, p50 | ${percentile(acknowledgements, 50)} ms | |`,
  );
  console.log(`| the same, p99 | ${percentile(acknowledgements, 99)} ms | under 300 ms |`);
  console.log(`| longest pause of the gateway's event loop meanwhile | ${Math.round(pause)} ms | |`);
  console.log(
    `| time added around inference, p50 of ${QUIET_REQUESTS} | ${percentile(added, 50)} ms | under 60 ms |`,
  );
  console.log(`| the same, p90 | ${percentile(added, 90)} ms | |`);
  console.log(`| violations of Discord's rules | ${discord.violations.length} | 0 |`);
} finally {
  await bot.stop();
  await discord.close();
  await rm(store, { recursive: true });
}

/** From the command to the last edit of its answer, less the model's own time; one after another. Milliseconds. */
async function timeAdded(): Promise<number[]> {
  const member = discord.addMember({ server });
  const times: number[] = [];
  for (let request = 0; request < QUIET_REQUESTS; request++) {
    // Two pictures in turn, so that the vision encoder's cache is not all that is measured.
    const image = discord.upload(request % 2 === 0 ? png : otherPng, { name: 'picture.png' });
    const started = performance.now();
    const line = bot.nextLine(({ msg }) => msg === 'a request was answered');
    const interaction = await member.slash('describe', { image });
    await interaction.settled();
    const total = performance.now() - started;
    times.push(total - inferenceTime(await line));
  }
  // The first ones pay for code that is compiled as it is used.
  return times.slice(QUIET_REQUESTS / 4);
}

/** Milliseconds until each of many members who ask at once is acknowledged; all are answered. */
async function flood(): Promise<number[]> {
  const members = Array.from({ length: MEMBERS }, () => discord.addMember({ server }));
  const image = discord.upload(png, { name: 'picture.png' });
  const running = await discord.addMember({ server }).slash('describe', { image });
  const interactions = await Promise.all(members.map((member) => member.slash('describe', { image })));
  const acknowledged = await Promise.all(interactions.map((interaction) => interaction.acknowledged));
  const all = [running, ...interactions];
  await Promise.all(all.map((interaction) => interaction.settled({ timeoutMs: 120_000 })));
  return acknowledged.map(({ afterMs }) => afterMs);
}

function inferenceTime({ timings }: LogLine): number {
  const { decode, vision, prefill, decodePerToken, tokens } = timings as Timings;
  return decode + vision + prefill + decodePerToken * tokens;
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(
    sorted.at(Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))) ?? Number.NaN,
  );
}
