import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { asShown } from '../support/as-shown.js';
import { startBot, type BotUnderTest } from '../support/bot-under-test.js';
import type { Channel, Member, Message } from '../support/discord/strict-discord.js';
import { blueSquare, redCircle, type DrawnPicture } from '../support/drawn-pictures.js';

let bot: BotUnderTest;
let member: Member;
let author: Member;
let channel: Channel;
let circle: DrawnPicture;
let square: DrawnPicture;

beforeAll(async () => {
  bot = await startBot();
  const server = bot.discord.addServer();
  channel = server.channel;
  member = bot.discord.addMember({ server });
  author = bot.discord.addMember({ server });
  circle = await redCircle();
  square = await blueSquare();
});

afterEach(() => {
  expect(bot.discord.violations).toEqual([]);
});

afterAll(async () => {
  await bot.close();
});

/** A message of somebody else with these pictures attached. */
function post(...pictures: DrawnPicture[]): Message {
  const attachments = pictures.map(({ png }, index) =>
    bot.discord.upload(png, { name: `picture-${index}.png` }),
  );
  return bot.discord.postMessage({ channel, author, content: 'look!', attachments });
}

test('"Describe picture" answers the member alone', async () => {
  const interaction = await member.messageMenu('Describe picture', post(circle));
  expect(await interaction.acknowledged).toMatchObject({ type: 5, ephemeral: true });
  expect(asShown(await interaction.settled())).toBe('a red circle');
});

test('"Read text" says so where there is none', async () => {
  const interaction = await member.messageMenu('Read text', post(circle));
  expect(asShown(await interaction.settled())).toContain('no text');
});

test('"Ask about picture" asks for the question first', async () => {
  const interaction = await member.messageMenu('Ask about picture', post(square));
  const form = await interaction.modal;
  const answer = await member.submit(form, { 'Your question': 'what color is the square?' });
  expect(asShown(await answer.settled())).toBe('> what color is the square?\nblue');
});

test('"Find objects" asks for the objects first', async () => {
  const interaction = await member.messageMenu('Find objects', post(circle));
  const answer = await member.submit(await interaction.modal, { words: 'circle; star' });
  const message = await answer.settled();
  expect(asShown(message)).toBe('> circle, star\nFound 1 object: circle\n-# Not found: star');
  expect(message.attachments[0]?.description).toContain('circle (left)');
});

test('of several pictures the member picks one', async () => {
  const interaction = await member.messageMenu('Describe picture', post(circle, square));
  const question = await interaction.settled();
  expect(question.ephemeral).toBe(true);
  const choice = await member.choose(question, ['1']);
  const answer = await choice.settled();
  expect(asShown(answer)).toBe('a blue square');
  // The choice is no longer needed, and its message has become the answer.
  expect(answer.id).toBe(question.id);
  expect(answer.selects).toEqual([]);
});

test('of several pictures the form asks which one', async () => {
  const interaction = await member.messageMenu('Ask about picture', post(circle, square));
  const answer = await member.submit(await interaction.modal, {
    words: 'what color is the square?',
    picture: ['1'],
  });
  expect(asShown(await answer.settled())).toContain('blue');
});

test('pictures are found in embeds, stickers, forwarded messages and galleries', async () => {
  const address = bot.discord.upload(circle.png, { name: 'circle.png' }).url;
  const messages = [
    bot.discord.postMessage({ channel, author, embeds: [{ type: 'rich', image: { url: address } }] }),
    bot.discord.postMessage({
      channel,
      author,
      stickers: [{ name: 'circle', formatType: 1, bytes: circle.png }],
    }),
    bot.discord.postMessage({
      channel,
      author,
      forwarded: { attachments: [bot.discord.upload(circle.png, { name: 'circle.png' })] },
    }),
    bot.discord.postMessage({
      channel,
      author,
      flags: 1 << 15,
      components: [{ type: 12, items: [{ media: { url: address } }] }],
    }),
  ];
  for (const message of messages) {
    const interaction = await member.messageMenu('Describe picture', message);
    expect(asShown(await interaction.settled())).toBe('a red circle');
  }
});

test('a message without a picture is told at once', async () => {
  const message = bot.discord.postMessage({ channel, author, content: 'just words' });
  const interaction = await member.messageMenu('Read text', message);
  expect(await interaction.acknowledged).toMatchObject({ type: 4, ephemeral: true });
  expect(asShown(await interaction.settled())).toContain('no picture');
});

test('a picture that Discord does not store is not downloaded', async () => {
  const embeds = [{ type: 'rich', image: { url: 'https://example.org/cat.png' } }];
  const interaction = await member.messageMenu(
    'Describe picture',
    bot.discord.postMessage({ channel, author, embeds }),
  );
  expect(asShown(await interaction.settled())).toContain('not stored by Discord');
});

test('a form or a choice that a restart has forgotten is told kindly', async () => {
  const asked = await member.messageMenu('Ask about picture', post(square));
  const form = await asked.modal;
  const choosing = await (await member.messageMenu('Describe picture', post(circle, square))).settled();
  await bot.restart();
  const answer = await member.submit(form, { words: 'what color is the square?' });
  expect(asShown(await answer.settled())).toContain('forgotten');
  const choice = await member.choose(choosing, ['0']);
  expect(await choice.acknowledged).toMatchObject({ type: 4, ephemeral: true });
});
