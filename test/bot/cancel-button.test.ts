import { PermissionFlagsBits } from 'discord.js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { asShown } from '../support/as-shown.js';
import { startBot, type BotUnderTest } from '../support/bot-under-test.js';
import type { Interaction, Member, Message } from '../support/discord/strict-discord.js';
import { blueSquare, redCircle, type DrawnPicture } from '../support/drawn-pictures.js';

const ENDED = 'This is no longer running.';

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

/** A request whose job is held, and its message as it is now, to be clicked on when it has changed. */
async function held(options = {}): Promise<{ interaction: Interaction; seen: Message }> {
  bot.inference.hold();
  const image = bot.discord.upload(circle.png, { name: 'picture.png' });
  const interaction = await member.slash('describe', { image, ...options });
  const message = await interaction.settled({ until: ({ buttons }) => buttons.length > 0 });
  const seen = Object.assign(Object.create(Object.getPrototypeOf(message) as object) as Message, message);
  return { interaction, seen };
}

describe('"Cancel"', () => {
  test('ends a running job for the member who asked, and the next one is answered', async () => {
    bot.inference.hold();
    const image = bot.discord.upload(circle.png, { name: 'picture.png' });
    const interaction = await member.slash('describe', { image });
    const running = await interaction.settled({ until: ({ buttons }) => buttons.length > 0 });
    expect(asShown(running)).toBe('Looking at the picture …');

    const refused = await other.click(running, 'Cancel');
    expect(asShown(await refused.settled())).toContain('Only the member who asked');
    await (
      await member.click(running, 'Cancel')
    ).acknowledged;
    const cancelled = await interaction.settled();
    expect(asShown(cancelled)).toBe('Cancelled.');
    bot.inference.release();
    expect(asShown(await describePicture(square))).toBe('a blue square');
  });

  test('ends a waiting job for those who may manage messages', async () => {
    bot.inference.hold();
    const image = bot.discord.upload(circle.png, { name: 'picture.png' });
    const first = await member.slash('describe', { image });
    await bot.inference.nextStart();
    const second = await other.slash('describe', { image });
    const waiting = await second.settled({ until: ({ content }) => content.includes('queue') });
    expect(asShown(waiting)).toBe('Waiting for a turn. Your place in the queue: 1');
    await (
      await moderator.click(waiting, 'Cancel')
    ).acknowledged;
    expect(asShown(await second.settled())).toBe('Cancelled.');
    bot.inference.release();
    expect(asShown(await first.settled())).toBe('a red circle');
  });

  test('of a job that ended with the restart says so', async () => {
    bot.inference.hold();
    const image = bot.discord.upload(circle.png, { name: 'picture.png' });
    const interaction = await member.slash('describe', { image });
    const running = await interaction.settled({ until: ({ buttons }) => buttons.length > 0 });
    // A bot that was killed leaves its message as it was.
    const left = bot.discord.postMessage({
      channel: running.channel,
      author: bot.discord.applicationMember,
      content: running.content,
      components: running.components,
    });
    await bot.restart();
    expect(asShown(await interaction.settled())).toBe(
      'I am being stopped or restarted. Please ask again later.',
    );
    expect(asShown(await (await member.click(left, 'Cancel')).settled())).toBe(ENDED);
    expect(left.buttons).toEqual([]);
  });

  test('is there while a picture downloads slowly, and ends that', async () => {
    bot.discord.failNext({ method: 'GET', route: /attachments/ }, { status: 503, afterMs: 20_000 });
    const image = bot.discord.upload(circle.png, { name: 'picture.png' });
    const interaction = await member.slash('describe', { image });
    const fetching = await interaction.settled({ until: ({ buttons }) => buttons.length > 0 });
    expect(asShown(fetching)).toBe('Fetching the picture …');
    await (
      await member.click(fetching, 'Cancel')
    ).acknowledged;
    expect(asShown(await interaction.settled({ timeoutMs: 10_000 }))).toBe('Cancelled.');
  });
});

test('"Cancel" ends the job though Discord does not take the response to the click', async () => {
  const failing = await startBot({}, { firstResponseMs: 60_000 });
  try {
    failing.inference.hold();
    const asking = failing.discord.addMember({ server: failing.discord.addServer() });
    const image = failing.discord.upload(circle.png, { name: 'picture.png' });
    const interaction = await asking.slash('describe', { image });
    const running = await interaction.settled({ until: ({ buttons }) => buttons.length > 0 });
    failing.discord.failNext({ method: 'POST', route: /\/callback/, times: 100 }, { status: 500 });
    await asking.click(running, 'Cancel');
    expect(asShown(await interaction.settled())).toBe('Cancelled.');
    expect(failing.logLines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  } finally {
    await failing.close();
  }
});

describe('a click on "Cancel" that comes when the answer is there', () => {
  test.each<[string, () => Member, object]>([
    ['of the member who asked', () => member, {}],
    ['of a member who did not ask', () => other, {}],
    ['of a moderator', () => moderator, {}],
    ['under a private answer', () => member, { private: true }],
  ])('%s, is told in private and leaves the answer as it is', async (_name, clicking, options) => {
    const { interaction, seen } = await held(options);
    bot.inference.release();
    const answer = await interaction.settled();
    const before = { edits: answer.edits.length, buttons: answer.buttons, files: answer.attachments };
    const click = await clicking().click(seen, 'Cancel');
    expect(await click.acknowledged).toMatchObject({ type: 4, ephemeral: true });
    expect(asShown(await click.settled())).toBe(ENDED);
    expect(asShown(answer)).toBe('a red circle');
    expect({ edits: answer.edits.length, buttons: answer.buttons, files: answer.attachments }).toEqual(
      before,
    );
  });

  test('after a cut of the gateway leaves the answer as it is', async () => {
    const { interaction, seen } = await held();
    await bot.discord.dropGateway({ resumable: true });
    bot.inference.release();
    const click = await other.click(seen, 'Cancel');
    const answer = await interaction.settled();
    await click.settled();
    expect(asShown(answer)).toBe('a red circle');
    expect(answer.buttons.map(({ label }) => label)).toContain('Ask more');
  });
});

describe('a message that a bot which died has left waiting', () => {
  /** Asked for by `member`. */
  const leave = async (): Promise<Message> => {
    const { interaction, seen } = await held();
    const left = bot.discord.postMessage({
      channel: seen.channel,
      author: bot.discord.applicationMember,
      askedBy: member,
      content: seen.content,
      components: seen.components,
    });
    bot.inference.release();
    await interaction.settled();
    return left;
  };

  test.each<[string, () => Member]>([
    ['the member who asked', () => member],
    ['a moderator', () => moderator],
  ])('is ended by %s', async (_name, clicking) => {
    const left = await leave();
    const click = await clicking().click(left, 'Cancel');
    expect(asShown(await click.settled())).toBe(ENDED);
    expect(asShown(left)).toBe(ENDED);
    expect(left.buttons).toEqual([]);
  });

  test('is not ended by others, who are told in private', async () => {
    const left = await leave();
    const click = await other.click(left, 'Cancel');
    expect(await click.acknowledged).toMatchObject({ type: 4, ephemeral: true });
    expect(asShown(left)).toBe('Looking at the picture …');
  });

  test('stays as it is where the bot may not read it', async () => {
    const left = await leave();
    const may = left.channel.appPermissions;
    left.channel.appPermissions = PermissionFlagsBits.ViewChannel;
    const click = await member.click(left, 'Cancel');
    expect(asShown(await click.settled())).toBe(ENDED);
    expect(left.buttons).toHaveLength(1);
    left.channel.appPermissions = may;
  });
});
