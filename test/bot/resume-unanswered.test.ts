import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TOKEN_LIFE, type UnansweredRequest } from '../../src/bot/unanswered/unanswered-request.js';
import { UnansweredStore } from '../../src/bot/unanswered/unanswered-store.js';
import { asShown } from '../support/as-shown.js';
import { startBot, type BotUnderTest } from '../support/bot-under-test.js';
import { RawBot } from '../support/discord/raw-bot.js';
import type { Interaction, Member } from '../support/discord/strict-discord.js';
import { redCircle } from '../support/drawn-pictures.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { unansweredRequest } from '../support/unanswered-requests.js';

const FIRST_RESPONSE = 30_000;

let folder: string;
let bot: BotUnderTest;
let member: Member;
/** What takes an interaction, and dies. */
let dying: RawBot;

beforeEach(async () => {
  folder = await temporaryFolder();
  bot = await startBot({ STORE: folder, SHUTDOWN_LIMIT: '1' }, { firstResponseMs: FIRST_RESPONSE });
  member = bot.discord.addMember({ server: bot.discord.addServer() });
  await bot.stop();
  dying = new RawBot(bot.discord);
  await dying.logIn();
});

afterEach(async () => {
  await bot.close();
  expect(bot.discord.violations).toEqual([]);
  // Who can't be asked about is waited for when the bot is stopped.
}, 30_000);

/** Somebody asks a bot that notes the request. */
async function ask(changes: Partial<UnansweredRequest> = {}): Promise<Interaction> {
  const image = bot.discord.upload((await redCircle()).png, { name: 'circle.png' });
  const interaction = await member.slash('describe', { image });
  const store = await UnansweredStore.open(folder, pino({ level: 'silent' }));
  await store.keep(
    unansweredRequest({
      id: interaction.id,
      applicationId: bot.discord.applicationId,
      token: interaction.token,
      // This Discord waits longer than the real one for a first response.
      expiresAt: Date.now() + TOKEN_LIFE + FIRST_RESPONSE,
      task: { kind: 'describe', language: 'en', length: 'short' },
      picture: { url: image.url, spoiler: false },
      memberId: member.id,
      ...changes,
    }),
  );
  await store.close();
  return interaction;
}

async function dieAndRestart(): Promise<void> {
  dying.close();
  await bot.restart();
}

async function noted(): Promise<UnansweredRequest[]> {
  await bot.stop();
  const store = await UnansweredStore.open(folder, pino({ level: 'silent' }));
  const requests = await store.all();
  await store.close();
  return requests;
}

test('a request that was noted and not yet acknowledged is acknowledged by the next process, and answered', async () => {
  const interaction = await ask();
  await dieAndRestart();
  expect(asShown(await interaction.settled())).toBe('a red circle');
  expect(await noted()).toEqual([]);
});

test('one that was acknowledged is answered by the next process, privately where it was to be private', async () => {
  const interaction = await ask({ private: true });
  await dying.respond(interaction, { type: 5, data: { flags: 64 } });
  await dieAndRestart();
  const message = await interaction.settled();
  expect(asShown(message)).toBe('a red circle');
  expect(message.ephemeral).toBe(true);
});

test('one that was answered and still noted is not answered again', async () => {
  const interaction = await ask();
  await dying.respond(interaction, { type: 4, data: { content: 'a circle, red' } });
  await dieAndRestart();
  await expect.poll(() => bot.logLines.join('')).toContain('is answered already');
  expect(await noted()).toEqual([]);
  expect(interaction.original?.content).toBe('a circle, red');
  expect(interaction.followUps).toEqual([]);
});

test('of one whose message was deleted meanwhile the member is told alone, once', async () => {
  const interaction = await ask();
  await dying.respond(interaction, { type: 4, data: { content: 'Waiting' } });
  bot.discord.deleteMessage(await interaction.settled());
  await dieAndRestart();
  await expect
    .poll(() => interaction.followUps.map(asShown))
    .toEqual([expect.stringContaining('was deleted')]);
  expect(interaction.followUps[0].ephemeral).toBe(true);
  expect(await noted()).toEqual([]);
});

test('one during which the bot has died twice is not tried a third time', async () => {
  const interaction = await ask({ starts: 2 });
  await dying.respond(interaction, { type: 5 });
  await dieAndRestart();
  expect(asShown(await interaction.settled())).toMatch(/^Something went wrong on my side/);
  expect(await noted()).toEqual([]);
});

test('one of which Discord can not be asked holds back none of those behind it', async () => {
  const [first, second, third] = [await ask(), await ask(), await ask()];
  await Promise.all([first, second, third].map((interaction) => dying.respond(interaction, { type: 5 })));
  bot.discord.failNext({ method: 'GET', route: new RegExp(first.token), times: 1000 }, { status: 500 });
  await dieAndRestart();
  expect(asShown(await second.settled())).toBe('a red circle');
  expect(asShown(await third.settled())).toBe('a red circle');
  expect(first.original?.thinking).toBe(true);
});

test('one for which hardly any time is left is told so, and not that many wait', async () => {
  const interaction = await ask({ expiresAt: Date.now() + 50_000 });
  await dying.respond(interaction, { type: 5 });
  await dieAndRestart();
  expect(asShown(await interaction.settled())).toBe(
    'I did not get this done in the 15 minutes that Discord gives me. Please ask again.',
  );
  expect(await bot.metrics.text()).toContain('command="describe",outcome="too_late"');
  expect(await noted()).toEqual([]);
});

test('one that waited for too long is forgotten, and logged by its id alone', async () => {
  const interaction = await ask({ expiresAt: Date.now() - 1000 });
  await dying.respond(interaction, { type: 5 });
  await dieAndRestart();
  await expect.poll(() => bot.logLines.join('')).toContain('expired');
  const expired = bot.logLines.find((line) => line.includes('expired'));
  expect(expired).toContain(interaction.id);
  expect(expired).not.toContain(interaction.token);
  expect(await noted()).toEqual([]);
  expect(interaction.original?.thinking).toBe(true);
});

test("another application's request is left to its own bot", async () => {
  const interaction = await ask({ applicationId: '1000000000000000001' });
  await dying.respond(interaction, { type: 5 });
  await dieAndRestart();
  expect((await noted()).map(({ id }) => id)).toEqual([interaction.id]);
  expect(interaction.original?.thinking).toBe(true);
});
