import { afterAll, beforeAll, expect, test } from 'vitest';
import { asShown } from '../support/as-shown.js';
import { startBot, type BotUnderTest } from '../support/bot-under-test.js';
import type { Interaction } from '../support/discord/strict-discord.js';
import { redCircle } from '../support/drawn-pictures.js';

const MEMBERS = 30;
const REQUESTS = 60;
const QUEUE_LIMIT = 20;
/** Discord's number of a first response that says that the bot is thinking. */
const DEFERRED = 5;

let bot: BotUnderTest;

beforeAll(async () => {
  bot = await startBot({ QUEUE_LIMIT: String(QUEUE_LIMIT), MEMBER_LIMIT: '2' });
});

afterAll(async () => {
  await bot.close();
});

test('of many who ask at once each is acknowledged in time, and gets an answer or a sentence', async () => {
  const server = bot.discord.addServer();
  const members = Array.from({ length: MEMBERS }, () => bot.discord.addMember({ server }));
  const image = bot.discord.upload((await redCircle()).png, { name: 'circle.png' });
  bot.inference.hold();
  const asked = await Promise.all(
    Array.from({ length: REQUESTS }, (_, index) => members[index % MEMBERS].slash('describe', { image })),
  );
  const responses = await Promise.all(asked.map(({ acknowledged }) => acknowledged));
  const taken = asked.filter((_, index) => responses[index].type === DEFERRED);
  // One is being looked at while the others wait.
  expect(taken).toHaveLength(QUEUE_LIMIT + 1);
  await cancel(taken[taken.length - 1]);
  bot.inference.release();

  const texts = (await Promise.all(asked.map((interaction) => interaction.settled()))).map(asShown);
  const count = (start: string): number => texts.filter((text) => text.startsWith(start)).length;
  expect([count('a red circle'), count('Too many pictures'), count('Cancelled')]).toEqual([
    QUEUE_LIMIT,
    REQUESTS - QUEUE_LIMIT - 1,
    1,
  ]);
  expect(bot.discord.violations).toEqual([]);
});

async function cancel(interaction: Interaction): Promise<void> {
  const waiting = await interaction.settled({ until: ({ content }) => content.includes('queue') });
  await interaction.options.member.click(waiting, 'Cancel');
}
