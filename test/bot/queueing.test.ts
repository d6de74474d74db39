import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { asShown } from '../support/as-shown.js';
import { startBot, type BotUnderTest } from '../support/bot-under-test.js';
import type { Interaction, Member } from '../support/discord/strict-discord.js';
import { redCircle, type DrawnPicture } from '../support/drawn-pictures.js';

let bot: BotUnderTest;
let circle: DrawnPicture;
let members: readonly Member[];

beforeAll(async () => {
  bot = await startBot({ QUEUE_LIMIT: '3', MEMBER_LIMIT: '2', SHUTDOWN_LIMIT: '5' });
  const server = bot.discord.addServer();
  members = Array.from({ length: 6 }, () => bot.discord.addMember({ server }));
  circle = await redCircle();
});

afterEach(() => {
  bot.inference.release();
  expect(bot.discord.violations).toEqual([]);
});

afterAll(async () => {
  await bot.close();
});

async function describeBy(index: number): Promise<Interaction> {
  const member = members.at(index);
  if (member === undefined) {
    throw new Error(`There is no member ${index}.`);
  }
  return member.slash('describe', { image: bot.discord.upload(circle.png, { name: 'circle.png' }) });
}

/** The messages of a person's place in the queue, in the order in which they were shown. */
const placesOf = (interaction: Interaction): string[] =>
  (interaction.message()?.edits ?? [])
    .map(({ content }) => content)
    .filter((content) => content.includes('queue'));

const inQueue = { until: ({ content }: { content: string }): boolean => content.includes('queue') };

test('those who wait see their place, and see it move', async () => {
  bot.inference.hold();
  const first = await describeBy(0);
  await bot.inference.nextStart();
  const second = await describeBy(1);
  await second.settled(inQueue);
  const third = await describeBy(2);
  await third.settled(inQueue);
  bot.inference.releaseOne();
  await first.settled();
  await third.settled({ until: ({ content }) => content.endsWith('queue: 1') });
  bot.inference.release();
  expect(asShown(await second.settled())).toBe('a red circle');
  expect(asShown(await third.settled())).toBe('a red circle');
  expect(placesOf(second)).toEqual(['Waiting for a turn. Your place in the queue: 1']);
  expect(placesOf(third)).toEqual([
    'Waiting for a turn. Your place in the queue: 2',
    'Waiting for a turn. Your place in the queue: 1',
  ]);
});

test("one member's pictures do not block another's first", async () => {
  bot.inference.hold();
  const running = await describeBy(5);
  await bot.inference.nextStart();
  const [one, two] = [await describeBy(0), await describeBy(0)];
  await two.settled(inQueue);
  const other = await describeBy(1);
  await other.settled({ until: ({ content }) => content.endsWith('queue: 2') });
  await two.settled({ until: ({ content }) => content.endsWith('queue: 3') });
  bot.inference.release();
  await Promise.all([running, one, two, other].map((interaction) => interaction.settled()));
});

test('who has enough waiting, and who comes when too many wait, is told at once and alone', async () => {
  bot.inference.hold();
  const running = await describeBy(0);
  await bot.inference.nextStart();
  const second = await describeBy(0);
  await second.settled(inQueue);
  const third = await describeBy(0);
  expect(await third.acknowledged).toMatchObject({ type: 4, ephemeral: true });
  expect(asShown(await third.settled())).toContain('You have 2 pictures waiting already');

  const others = [await describeBy(1), await describeBy(2)];
  await Promise.all(others.map((interaction) => interaction.settled(inQueue)));
  const tooMany = await describeBy(3);
  expect(await tooMany.acknowledged).toMatchObject({ type: 4, ephemeral: true });
  expect(asShown(await tooMany.settled())).toContain('Too many pictures are waiting');
  bot.inference.release();
  await Promise.all([running, second, ...others].map((interaction) => interaction.settled()));
});

/**
 * The last edit brings the answer, which need not wait. Of those before it each may begin 1.1 s after the one before; how
 * long they are under way is the machine's, so that the time from the request counts.
 */
function expectAboutOneASecond(edits: readonly { readonly at: number }[], asked: number): void {
  edits.slice(0, -1).forEach(({ at }, index) => {
    expect(at - asked).toBeGreaterThan(index * 1100 - 10);
  });
}

test('the answer grows before the eyes of those who wait, about once a second', async () => {
  bot.inference.slowDown(170);
  const member = members.at(4) ?? bot.discord.owner;
  const image = bot.discord.upload(circle.png, { name: 'circle.png' });
  const asked = performance.now();
  const interaction = await member.slash('describe', { image, detail: 'long' });
  const message = await interaction.settled();
  bot.inference.slowDown(0);
  const texts = message.edits.map(({ content }) => content).filter((content) => content.startsWith('The'));
  expect(texts.length).toBeGreaterThanOrEqual(3);
  texts.slice(1).forEach((text, index) => {
    expect(text.startsWith(texts.at(index) ?? '-')).toBe(true);
  });
  expect(texts.at(-1)).toBe('The picture shows one shape on a plain background: a red circle.');
  expectAboutOneASecond(message.edits, asked);
});

test('places in the queue are shown no faster than about one a second', async () => {
  const asked = performance.now();
  bot.inference.hold();
  const first = await describeBy(0);
  await bot.inference.nextStart();
  const waiting = [await describeBy(1), await describeBy(2), await describeBy(3)];
  await Promise.all(waiting.map((interaction) => interaction.settled(inQueue)));
  bot.inference.release();
  await Promise.all([first, ...waiting].map((interaction) => interaction.settled()));
  for (const interaction of waiting) {
    expectAboutOneASecond(interaction.message()?.edits ?? [], asked);
  }
});

test('when the bot is stopped, the running job is finished and those who wait are told', async () => {
  bot.inference.hold();
  const running = await describeBy(0);
  await bot.inference.nextStart();
  const waiting = await describeBy(1);
  await waiting.settled(inQueue);
  const held = bot.inference;
  const restarted = bot.restart();
  expect(asShown(await waiting.settled())).toBe('I am being stopped or restarted. Please ask again later.');
  const late = await describeBy(2);
  expect(asShown(await late.settled())).toBe('I am being stopped or restarted. Please ask again later.');
  held.release();
  expect(asShown(await running.settled())).toBe('a red circle');
  await restarted;
  expect(asShown(await (await describeBy(3)).settled())).toBe('a red circle');
});
