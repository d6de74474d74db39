import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { HELD_BYTES } from '../../src/inference/held-pictures.js';
import { asShown } from '../support/as-shown.js';
import { startBot, type BotUnderTest } from '../support/bot-under-test.js';
import type { Attachment, Interaction, Member } from '../support/discord/strict-discord.js';
import { redCircle } from '../support/drawn-pictures.js';

/** Of these six fit into the memory for pictures that wait. */
const LARGE = 20 * 2 ** 20;
const ROOM = Math.floor(HELD_BYTES / LARGE);
const WAITING = 12;

let bot: BotUnderTest;
let members: readonly Member[];

beforeAll(async () => {
  bot = await startBot();
  const server = bot.discord.addServer();
  members = Array.from({ length: WAITING + 1 }, () => bot.discord.addMember({ server }));
});

afterEach(() => {
  bot.inference.release();
  expect(bot.discord.violations).toEqual([]);
});

afterAll(async () => {
  await bot.close();
});

/** A picture that no other is equal to; what follows its end is not looked at. */
async function largePicture(): Promise<Buffer> {
  const { png } = await redCircle();
  return Buffer.concat([png, randomBytes(64), Buffer.alloc(LARGE - png.length - 64)]);
}

const downloads = async (): Promise<number> => {
  const count = /glimpse_download_bytes_count (\d+)/.exec(await bot.metrics.text())?.[1];
  return Number(count);
};

/** A large picture of each of so many members; the model looks at the first one meanwhile. */
async function askAbout(pictures: readonly Attachment[]): Promise<Interaction[]> {
  bot.inference.hold();
  const started = bot.inference.nextStart();
  const [first, ...others] = pictures;
  const asked = [await members[0].slash('describe', { image: first })];
  await started;
  for (const [index, image] of others.entries()) {
    const interaction = await members[index + 1].slash('describe', { image });
    await interaction.settled(inQueue);
    asked.push(interaction);
  }
  return asked;
}

async function ended(asked: readonly Interaction[]): Promise<string[]> {
  bot.inference.release();
  const ends = await Promise.all(asked.map((interaction) => interaction.settled({ timeoutMs: 50_000 })));
  return ends.map(asShown);
}

async function upload(expiresInMs?: number): Promise<Attachment> {
  const expires = expiresInMs === undefined ? {} : { expiresInMs };
  return bot.discord.upload(await largePicture(), { name: 'large.png', omitDimensions: true, ...expires });
}

const inQueue = { until: ({ content }: { content: string }): boolean => content.includes('queue') };

test('large pictures wait where they are once there is no room for more, and all are answered', async () => {
  const pictures: Attachment[] = [];
  for (let index = 0; index <= WAITING; index++) {
    pictures.push(await upload());
  }
  const asked = await askAbout(pictures);
  // Those there is room for, the one that is looked at among them, and the next two.
  await expect.poll(downloads, { timeout: 10_000 }).toBe(ROOM + 2);
  expect(await ended(asked)).toEqual(asked.map(() => 'a red circle'));
  expect(await downloads()).toBe(WAITING + 1);
});

test('one that is gone when its turn comes near is told as that, and the others go on', async () => {
  const before = await downloads();
  const pictures: Attachment[] = [];
  for (let index = 0; index < ROOM + 3; index++) {
    pictures.push(await upload());
  }
  pictures.push(await upload(1));
  const asked = await askAbout(pictures);
  await expect.poll(async () => (await downloads()) - before, { timeout: 10_000 }).toBe(ROOM + 2);
  const ends = await ended(asked);
  expect(ends.pop()).toContain('The picture is gone');
  expect(ends).toEqual(ends.map(() => 'a red circle'));
});

test('equal pictures take the room of one', async () => {
  const before = await downloads();
  const one = await largePicture();
  const pictures = Array.from({ length: ROOM + 4 }, () =>
    bot.discord.upload(one, { name: 'large.png', omitDimensions: true }),
  );
  const asked = await askAbout(pictures);
  expect((await downloads()) - before).toBe(ROOM + 4);
  expect(await ended(asked)).toEqual(asked.map(() => 'a red circle'));
});
