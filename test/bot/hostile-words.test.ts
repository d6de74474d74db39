import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBot, type BotUnderTest } from '../support/bot-under-test.js';
import type { Attachment, Member } from '../support/discord/strict-discord.js';
import { redCircle } from '../support/drawn-pictures.js';
import { echoInference } from '../support/echo-model.js';
import { harmIn } from '../support/harmless-message.js';
import { hostileWords } from '../support/hostile/hostile-words.js';

let bot: BotUnderTest;
let member: Member;
let image: Attachment;

beforeAll(async () => {
  bot = await startBot({}, {}, () => Promise.resolve(echoInference()));
  member = bot.discord.addMember({ server: bot.discord.addServer() });
  image = bot.discord.upload((await redCircle()).png, { name: 'SPOILER_circle.png' });
});

afterAll(async () => {
  await bot.close();
});

test('whatever is asked, and whatever the model says, stands in the message and does nothing', async () => {
  const harms: string[] = [];
  const sendable = hostileWords(160).filter((words) => words !== '' && words.length <= 500);
  for (const [index, words] of sendable.entries()) {
    const [command, option] = (
      [
        ['ask', 'question'],
        ['detect', 'objects'],
        ['segment', 'objects'],
      ] as const
    )[index % 3];
    const message = await (await member.slash(command, { image, [option]: words })).settled();
    const harm = harmIn(message, { spoiler: true });
    if (harm !== undefined) {
      harms.push(`${JSON.stringify(words)}: ${harm}`);
    }
  }
  expect(harms).toEqual([]);
  expect(sendable.length).toBeGreaterThan(120);
  expect(bot.discord.violations).toEqual([]);
  expect(bot.logLines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
});
