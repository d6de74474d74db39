import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { PermissionFlagsBits } from 'discord.js';
import { asShown } from '../support/as-shown.js';
import { startBot, type BotUnderTest } from '../support/bot-under-test.js';
import type { Member, Message } from '../support/discord/strict-discord.js';
import { blueSquare, redCircle, type DrawnPicture } from '../support/drawn-pictures.js';

let bot: BotUnderTest;
let member: Member;
let other: Member;
let moderator: Member;
let circle: DrawnPicture;
let square: DrawnPicture;

beforeAll(async () => {
  bot = await startBot({ SHUTDOWN_LIMIT: '1' });
  const server = bot.discord.addServer();
  member = bot.discord.addMember({ server });
  other = bot.discord.addMember({ server });
  moderator = bot.discord.addMember({
    server,
    permissions: PermissionFlagsBits.ViewChannel | PermissionFlagsBits.ManageMessages,
  });
  circle = await redCircle();
  square = await blueSquare();
});

afterEach(() => {
  bot.inference.release();
  expect(bot.discord.violations).toEqual([]);
});

afterAll(async () => {
  await bot.close();
});

async function describePicture({ png }: DrawnPicture, options = {}): Promise<Message> {
  const image = bot.discord.upload(png, { name: 'picture.png' });
  return (await member.slash('describe', { image, ...options })).settled();
}

describe('under an answer', () => {
  test('"Ask more" asks for a question and answers it without looking at the picture again', async () => {
    const form = await (await other.click(await describePicture(square), 'Ask more')).modal;
    const started = bot.inference.nextStart();
    const answer = await (await other.submit(form, { words: 'what color is the square?' })).settled();
    expect(asShown(answer)).toBe('> what color is the square?\nblue');
    // The very bytes of before: what the features are cached by.
    expect(Buffer.from((await started).picture).equals(square.png)).toBe(true);
    expect(answer.attachments).toEqual([]);
  });

  test('"Find objects" and "Read text" work on the same picture', async () => {
    const message = await describePicture(circle);
    const form = await (await member.click(message, 'Find objects')).modal;
    const found = await (await member.submit(form, { words: 'circle' })).settled();
    expect(asShown(found)).toContain('Found 1 object: circle');
    expect(found.attachments).toHaveLength(1);
    expect(asShown(await (await member.click(message, 'Read text')).settled())).toContain('no text');
  });

  test('a further answer can be asked about again', async () => {
    const form = await (await member.click(await describePicture(square), 'Ask more')).modal;
    const first = await (await member.submit(form, { words: 'what color is the square?' })).settled();
    const again = await (await member.click(first, 'Ask more')).modal;
    const second = await (await member.submit(again, { words: 'what color is the square?' })).settled();
    expect(asShown(second)).toContain('blue');
  });

  test('"Alt text" gives the description to copy', async () => {
    const message = await describePicture(circle);
    const copy = await member.click(message, 'Alt text');
    expect(await copy.acknowledged).toMatchObject({ ephemeral: true });
    expect(asShown(await copy.settled())).toBe(
      'Copy this as the alt text of your picture:\n```\na red circle\n```',
    );
  });

  test('answers under a private answer are private too', async () => {
    const message = await describePicture(square, { private: true });
    const read = await member.click(message, 'Read text');
    expect(await read.acknowledged).toMatchObject({ ephemeral: true });
    await read.settled();
  });

  test('"Delete" is for the member who asked and for those who may manage messages', async () => {
    const message = await describePicture(circle);
    const refused = await other.click(message, 'Delete');
    expect(await refused.acknowledged).toMatchObject({ type: 4, ephemeral: true });
    await refused.settled();
    expect(message.deleted).toBe(false);
    await (
      await member.click(message, 'Delete')
    ).acknowledged;
    await expect.poll(() => message.deleted).toBe(true);

    const another = await describePicture(circle);
    await (
      await moderator.click(another, 'Delete')
    ).acknowledged;
    await expect.poll(() => another.deleted).toBe(true);
  });

  test('a private answer can be deleted', async () => {
    const message = await describePicture(circle, { private: true });
    await (
      await member.click(message, 'Delete')
    ).acknowledged;
    await expect.poll(() => message.deleted).toBe(true);
  });
});

describe('after a restart', () => {
  test('the picture is taken from the answer, which carries it', async () => {
    const message = await describePicture(square);
    await bot.restart();
    const form = await (await member.click(message, 'Ask more')).modal;
    const answer = await (await member.submit(form, { words: 'what color is the square?' })).settled();
    expect(asShown(answer)).toBe('> what color is the square?\nblue');
    expect(asShown(await (await member.click(message, 'Read text')).settled())).toContain('no text');
  });

  test('where the answer has a drawing only, it says kindly that the picture is forgotten', async () => {
    const image = bot.discord.upload(circle.png, { name: 'picture.png' });
    const message = await (await member.slash('detect', { image, objects: 'circle' })).settled();
    await bot.restart();
    const click = await member.click(message, 'Ask more');
    expect(await click.acknowledged).toMatchObject({ type: 4, ephemeral: true });
    expect(asShown(await click.settled())).toBe('I no longer have this picture. Please send it to me again.');
  });
});
