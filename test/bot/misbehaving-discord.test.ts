import { PermissionFlagsBits } from 'discord.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { asShown } from '../support/as-shown.js';
import { startBot, type BotUnderTest } from '../support/bot-under-test.js';
import type { Channel, Interaction, Member, Server } from '../support/discord/strict-discord.js';
import { redCircle, type DrawnPicture } from '../support/drawn-pictures.js';

const FIRST_RESPONSE = { method: 'POST', route: /callback/ };
const EDIT = { method: 'PATCH', route: /@original/ };

let bot: BotUnderTest;
let server: Server;
let member: Member;
let circle: DrawnPicture;
let before: number;

beforeAll(async () => {
  bot = await startBot();
  server = bot.discord.addServer();
  member = bot.discord.addMember({ server });
  circle = await redCircle();
});

beforeEach(() => {
  before = bot.discord.invalidRequests;
});

afterEach(() => {
  bot.inference.release();
  expect(bot.discord.violations).toEqual([]);
});

afterAll(async () => {
  await bot.close();
});

/** Asks something to which the answer comes at once, and with a picture. */
async function ask(channel: Channel = server.channel): Promise<Interaction> {
  const image = bot.discord.upload(circle.png, { name: 'circle.png' });
  return member.slash('detect', { image, objects: 'circle' }, { channel });
}

/** Asks, and resolves when the model looks at the picture and waits. */
async function askAndHold(channel?: Channel): Promise<Interaction> {
  bot.inference.hold();
  const started = bot.inference.nextStart();
  const interaction = await ask(channel);
  await interaction.acknowledged;
  await started;
  return interaction;
}

/** The requests about the messages of an interaction. */
function requestsFor({ token }: Interaction): string[] {
  return bot.discord.requests
    .filter(({ route }) => route.startsWith('/webhooks/') && route.includes(token))
    .map(({ method, status }) => `${method} ${status}`);
}

const FOUND = 'Found 1 object: circle';

test('a long pause that Discord asks for is kept, and the answer comes after it', async () => {
  const limited = {
    status: 429,
    headers: { 'retry-after': '6', 'x-ratelimit-scope': 'shared' },
    body: { message: 'You are being rate limited.', retry_after: 6, global: false },
  };
  bot.discord.failNext(EDIT, limited);
  const asked = performance.now();
  const interaction = await ask();
  expect(asShown(await interaction.settled())).toContain(FOUND);
  expect(performance.now() - asked).toBeGreaterThan(6000);
  expect(requestsFor(interaction)).toEqual(['PATCH 429', 'PATCH 200']);
});

test('an answer outlasts a Discord that fails more often than its library tries', async () => {
  bot.discord.failNext({ ...EDIT, times: 9 }, { status: 502, body: 'upstream connect error' });
  const interaction = await ask();
  expect(asShown(await interaction.settled())).toContain(FOUND);
  expect(requestsFor(interaction)).toHaveLength(10);
});

test('a first response is tried again while Discord waits for it', async () => {
  bot.discord.failNext({ ...FIRST_RESPONSE, times: 6 }, { status: 503, body: 'upstream connect error' });
  const interaction = await ask();
  expect((await interaction.acknowledged).afterMs).toBeLessThan(3000);
  expect(asShown(await interaction.settled())).toContain(FOUND);
});

test('connections that are dropped before, in and after a request lose nothing and repeat nothing', async () => {
  bot.discord.failNext({ ...EDIT, times: 2 }, 'drop the connection');
  expect(asShown(await (await ask()).settled())).toContain(FOUND);
  bot.discord.failNext(FIRST_RESPONSE, 'lose the answer');
  bot.discord.failNext(EDIT, 'lose the answer');
  const interaction = await ask();
  const message = await interaction.settled();
  await expect.poll(() => requestsFor(interaction), { timeout: 5000 }).toEqual(['PATCH 0', 'PATCH 200']);
  expect(asShown(message)).toContain(FOUND);
  expect(message.attachments).toHaveLength(1);
  expect(interaction.followUps).toEqual([]);
});

test('who gets no first response, because Discord refuses it, is noted without an answer', async () => {
  bot.discord.failNext(FIRST_RESPONSE, {
    status: 404,
    body: { message: 'Unknown interaction', code: 10_062 },
  });
  const interaction = await ask();
  await expect.poll(() => bot.logLines.some((line) => line.includes(interaction.id))).toBe(true);
  expect(requestsFor(interaction)).toEqual([]);
  // Nobody answers it, so that this Discord need not wait for it.
  await fetch(`${bot.discord.apiUrl}/v10/interactions/${interaction.id}/${interaction.token}/callback`, {
    method: 'POST',
    headers: { authorization: `Bot ${bot.discord.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ type: 5 }),
  });
});

describe('another process with the same token', () => {
  const TAKEN = {
    status: 400,
    body: { message: 'Interaction has already been acknowledged.', code: 40_060 },
  };

  /** The other one answers a little earlier, which this one is told. */
  async function answeredByTheOther(interaction: Interaction, type: number): Promise<void> {
    const path = `${bot.discord.apiUrl}/v10/interactions/${interaction.id}/${interaction.token}/callback`;
    const refused = (): boolean =>
      bot.discord.requests.some(({ route, status }) => route.includes(interaction.id) && status === 400);
    await expect.poll(refused).toBe(true);
    await fetch(path, {
      method: 'POST',
      headers: { authorization: `Bot ${bot.discord.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ type, data: { content: 'the other' } }),
    });
  }

  test('is left its answers, and the owner is told once', async () => {
    let begun = 0;
    void bot.inference.nextStart().then(() => begun++);
    for (let round = 0; round < 2; round++) {
      bot.discord.failNext(FIRST_RESPONSE, TAKEN);
      const interaction = await ask();
      await answeredByTheOther(interaction, 4);
      expect(asShown(await interaction.settled())).toBe('the other');
      await sleep(300);
      expect(requestsFor(interaction)).toEqual([]);
    }
    expect(begun).toBe(0);
    const told = bot.logLines.filter((line) => line.includes('another process answers for this token'));
    expect(told).toHaveLength(1);
  });

  test('is left its answers to buttons too, without a fault in the log', async () => {
    const message = await (await ask()).settled();
    bot.discord.failNext(FIRST_RESPONSE, TAKEN);
    const click = await member.click(message, 'Ask more');
    await answeredByTheOther(click, 4);
    await click.settled();
    expect(bot.logLines.filter((line) => line.includes(click.id))).toEqual([]);
    expect(await bot.metrics.text()).toContain('command="interaction",outcome="elsewhere"');
  });
});

test('when the message for an answer is deleted, its member is told alone and once, and the model stops', async () => {
  const interaction = await askAndHold();
  const running = await interaction.settled({ until: ({ buttons }) => buttons.length > 0 });
  bot.discord.deleteMessage(running);
  bot.inference.release();
  await expect
    .poll(() => interaction.followUps.map(asShown))
    .toEqual([expect.stringContaining('was deleted')]);
  expect(interaction.followUps[0].ephemeral).toBe(true);
  const errors = bot.logLines.filter((line) => line.includes('"level":"error"'));
  expect(errors.filter((line) => line.includes(interaction.id))).toEqual([]);
  expect(await bot.metrics.text()).toContain('command="detect",outcome="message_gone"');
});

test('the answer comes in words when the right to attach files is taken away meanwhile', async () => {
  const channel = server.addChannel();
  const interaction = await askAndHold(channel);
  channel.appPermissions &= ~PermissionFlagsBits.AttachFiles;
  bot.inference.release();
  const message = await interaction.settled();
  expect(asShown(message)).toContain(FOUND);
  expect(asShown(message)).toContain('-# I may not attach files in this channel');
  expect(message.attachments).toEqual([]);
  expect(bot.discord.invalidRequests - before).toBe(1);
});

test.each([
  ['the last edit', async (): Promise<Interaction> => ask()],
  [
    'an edit before',
    async (): Promise<Interaction> => {
      const interaction = await askAndHold();
      await expect.poll(() => requestsFor(interaction)).toHaveLength(1);
      return interaction;
    },
  ],
])('a webhook that is gone at %s is asked once and never again', async (_name, asking) => {
  bot.discord.failNext(EDIT, { status: 404, body: { message: 'Unknown Webhook', code: 10_015 } });
  const interaction = await asking();
  await expect
    .poll(() => bot.logLines.filter((line) => line.includes(interaction.id)).join(''))
    .toContain('ended without an answer');
  await sleep(500);
  expect(requestsFor(interaction)).toEqual(['PATCH 404']);
  expect(await bot.metrics.text()).toContain('command="detect",outcome="unanswerable"');
});
