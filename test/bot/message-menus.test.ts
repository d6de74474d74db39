import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
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
  bot = await startBot({ PICTURE_LIMIT: '1' });
  const server = bot.discord.addServer();
  channel = server.channel;
  member = bot.discord.addMember({ server });
  author = bot.discord.addMember({ server });
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

describe('words that were typed into a form for nothing', () => {
  test('are given back where they are refused', async () => {
    const question = `what is *this*? ${'x'.repeat(490)}`;
    const interaction = await member.messageMenu('Ask about picture', post(circle));
    const refusal = await (await member.submit(await interaction.modal, { words: question })).settled();
    expect(refusal.ephemeral).toBe(true);
    expect(refusal.content).toContain('The question is too long');
    expect(refusal.content).toContain(`\`\`\`\n${question}\n\`\`\``);
  });

  test('are given back as a file where a message does not hold them', async () => {
    const objects = Array.from({ length: 300 }, (_, index) => `thing ${index}`).join(', ');
    const interaction = await member.messageMenu('Find objects', post(circle));
    const refusal = await (await member.submit(await interaction.modal, { words: objects })).settled();
    expect(refusal.content).toContain('too many objects');
    expect(refusal.attachments.map(({ name }) => name)).toEqual(['words.txt']);
  });

  test('stand above the reason where the picture could not be had', async () => {
    const lost = bot.discord.upload(circle.png, { name: 'circle.png', expiresInMs: -1 });
    const message = bot.discord.postMessage({ channel, author, attachments: [lost] });
    const interaction = await member.messageMenu('Ask about picture', message);
    const words = 'what is @everyone doing?';
    const answer = await (await member.submit(await interaction.modal, { words })).settled();
    expect(asShown(answer)).toMatch(/^> what is @everyone doing\?\nThe picture is gone/);
  });
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

test('pictures in previews of links are found, those laid out in components too', async () => {
  const url = 'https://shop.example/1';
  const gallery = {
    type: 12,
    items: [{ media: bot.discord.linked(circle.png, 'https://shop.example/photo') }],
  };
  for (const embed of [
    { type: 'image', url, thumbnail: bot.discord.linked(circle.png) },
    {
      type: 'gifv',
      url,
      thumbnail: bot.discord.linked(circle.png),
      video: { url: 'https://shop.example/film.mp4' },
    },
    { url, components: [{ type: 17, components: [gallery] }] },
  ]) {
    const message = bot.discord.postMessage({ channel, author, content: url, embeds: [embed] });
    const interaction = await member.messageMenu('Describe picture', message);
    expect(asShown(await interaction.settled())).toBe('a red circle');
  }
});

describe('of more pictures than a menu holds', () => {
  const many = (): Message => post(...Array.from({ length: 26 }, () => circle), square, circle);

  test('the rest is named, and the menu works', async () => {
    const question = await (await member.messageMenu('Describe picture', many())).settled();
    expect(question.selects[0]?.options).toHaveLength(25);
    const text = asShown(question);
    expect(text).toContain('This message has several pictures. Which one?');
    expect(text).toContain('26. picture-25.png, 27. picture-26.png, 28. picture-27.png');
    expect(text).not.toContain('picture-24.png');
    expect(asShown(await (await member.choose(question, ['24'])).settled())).toBe('a red circle');
  });

  test('a form names the rest too', async () => {
    const form = await (await member.messageMenu('Ask about picture', many())).modal;
    expect(JSON.stringify(form.components)).toContain('27. picture');
    const words = 'what color is the circle?';
    const answer = await member.submit(form, { words, picture: ['24'] });
    expect(asShown(await answer.settled())).toContain('red');
  });

  test('names of any length fit', async () => {
    const attachments = Array.from({ length: 200 }, (_, index) =>
      bot.discord.upload(circle.png, { name: `${'**long** '.repeat(20)}${index}.png` }),
    );
    const message = bot.discord.postMessage({ channel, author, attachments });
    expect((await (await member.messageMenu('Describe picture', message)).settled()).selects).toHaveLength(1);
    await (
      await member.messageMenu('Find objects', message)
    ).modal;
  });
});

test('of two choices from one menu the first is answered', async () => {
  const question = await (await member.messageMenu('Describe picture', post(circle, square))).settled();
  bot.inference.hold();
  const seen = Object.assign(Object.create(Object.getPrototypeOf(question) as object) as Message, question);
  const first = await member.choose(question, ['0']);
  await first.acknowledged;
  // Before the member sees that the menu is gone.
  const second = await member.choose(seen, ['1']);
  expect(await second.acknowledged).toMatchObject({ type: 4, ephemeral: true });
  expect(asShown(await second.settled())).toContain('forgotten');
  bot.inference.release();
  expect(asShown(await first.settled())).toBe('a red circle');
});

describe('before a question is written', () => {
  const elsewhere = { type: 'rich', image: { url: 'https://example.org/cat.png' } };
  const large = (): Message =>
    bot.discord.postMessage({
      channel,
      author,
      attachments: [
        bot.discord.upload(Buffer.alloc(2 ** 20 + 1), { name: 'large.png', omitDimensions: true }),
      ],
    });

  test.each<[string, () => Message, string]>([
    [
      'a picture that Discord does not store',
      () => bot.discord.postMessage({ channel, author, embeds: [elsewhere] }),
      'not stored by Discord',
    ],
    ['a file that is too large', large, 'pictures of up to 1 MiB'],
  ])('%s is refused', async (_name, message, sentence) => {
    for (const entry of ['Ask about picture', 'Find objects', 'Describe picture', 'Read text']) {
      const interaction = await member.messageMenu(entry, message());
      expect(await interaction.acknowledged).toMatchObject({ type: 4, ephemeral: true });
      expect(asShown(await interaction.settled())).toContain(sentence);
    }
  });

  test('those of several that can not be had are told, and not offered', async () => {
    const attachments = [
      bot.discord.upload(Buffer.alloc(2 ** 20 + 1), { name: 'large.png', omitDimensions: true }),
      bot.discord.upload(circle.png, { name: 'circle.png' }),
      bot.discord.upload(square.png, { name: 'square.png' }),
    ];
    const message = bot.discord.postMessage({ channel, author, attachments, embeds: [elsewhere] });
    const question = await (await member.messageMenu('Describe picture', message)).settled();
    expect(question.selects[0]?.options.map(({ label }) => label)).toEqual([
      '1. circle.png',
      '2. square.png',
    ]);
    expect(asShown(question)).toContain('large.png: The file is too large');
    expect(asShown(question)).toContain('cat.png: This picture is not stored by Discord');
    const form = await (await member.messageMenu('Ask about picture', message)).modal;
    expect(form.fields.map(({ customId }) => customId)).toEqual(['words', 'picture']);
    expect(asShown(await (await member.choose(question, ['1'])).settled())).toBe('a blue square');
  });
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
