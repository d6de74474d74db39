import { PermissionFlagsBits } from 'discord.js';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { asShown } from '../support/as-shown.js';
import { startBot, type BotUnderTest } from '../support/bot-under-test.js';
import type { PlayedFailure } from '../support/discord/played-failures.js';
import type { Member, Server } from '../support/discord/strict-discord.js';
import { redCircle, type DrawnPicture } from '../support/drawn-pictures.js';
import { pixelBomb } from '../support/hostile/png.js';

let bot: BotUnderTest;
let server: Server;
let member: Member;
let circle: DrawnPicture;

beforeAll(async () => {
  bot = await startBot({ PICTURE_LIMIT: '1' });
  server = bot.discord.addServer();
  member = bot.discord.addMember({ server });
  circle = await redCircle();
});

afterEach(() => {
  bot.inference.release();
  expect(bot.discord.violations).toEqual([]);
});

afterAll(async () => {
  await bot.close();
});

describe('a file that can not be answered gets a sentence', () => {
  test.each([
    [
      "words in a picture's name",
      () => Buffer.from('no picture at all'),
      /^This file is not a picture that I read/,
    ],
    [
      'half a picture',
      () => circle.png.subarray(0, circle.png.length / 2),
      /^The picture is damaged or incomplete/,
    ],
    ['an SVG', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), /^This file is not a picture/],
    [
      '900 megapixels',
      () => pixelBomb(30_000, 30_000, 2000),
      /^The picture is too large: it has more than 100 megapixels/,
    ],
    ['nothing', () => Buffer.alloc(0), /^This file is not a picture/],
  ])('%s', async (_name, bytes, sentence) => {
    const image = bot.discord.upload(bytes(), { name: 'picture.png', omitDimensions: true });
    const message = await (await member.slash('describe', { image })).settled();
    expect(asShown(message)).toMatch(sentence);
    expect(message.attachments).toEqual([]);
    expect(message.buttons.map(({ label }) => label)).toEqual(['Delete']);
  });

  test('a file that is too large is refused before anything is downloaded', async () => {
    const image = bot.discord.upload(Buffer.alloc(2 ** 20 + 1), {
      name: 'picture.png',
      omitDimensions: true,
    });
    const interaction = await member.slash('describe', { image });
    expect(await interaction.acknowledged).toMatchObject({ type: 4, ephemeral: true });
    expect(asShown(await interaction.settled())).toBe(
      'The file is too large: I take pictures of up to 1 MiB.',
    );
  });

  test('a picture whose address has expired', async () => {
    const image = bot.discord.upload(circle.png, { name: 'picture.png', expiresInMs: -1000 });
    const message = await (await member.slash('describe', { image })).settled();
    expect(asShown(message)).toContain('The picture is gone');
  });
});

describe('where the host of the picture', () => {
  const describeAfter = async (failure: PlayedFailure): Promise<string> => {
    bot.discord.failNext({ method: 'GET', route: /attachments/ }, failure);
    const image = bot.discord.upload(circle.png, { name: 'picture.png' });
    return asShown(await (await member.slash('describe', { image })).settled());
  };

  test('wants a pause of a second, the answer comes after it', async () => {
    const headers = { 'retry-after': '1' };
    expect(await describeAfter({ status: 429, headers, body: 'slow down' })).toBe('a red circle');
  });

  test.each<[PlayedFailure, RegExp]>([
    [{ status: 429, headers: { 'retry-after': '600' } }, /has too much to do right now/],
    [{ status: 415 }, /would not give it to me/],
  ])('says %j, that is told, and the owner is not alarmed', async (failure, sentence) => {
    expect(await describeAfter(failure)).toMatch(sentence);
    const said = bot.logLines.filter((line) => line.includes('a picture could not be downloaded'));
    expect(said.at(-1)).toContain('"level":"warn"');
    expect(said.at(-1)).toContain(`status ${typeof failure === 'string' ? '' : failure.status}`);
    expect(said.at(-1)).not.toContain('hm=');
  });
});

test('where files may not be attached, the answer comes in words', async () => {
  const channel = server.addChannel({
    appPermissions: PermissionFlagsBits.ViewChannel | PermissionFlagsBits.SendMessages,
  });
  const image = bot.discord.upload(circle.png, { name: 'picture.png' });
  const message = await (await member.slash('detect', { image, objects: 'circle' }, { channel })).settled();
  expect(asShown(message)).toContain('Found 1 object: circle');
  expect(asShown(message)).toContain('-# I may not attach files in this channel');
});

test('an answer whose message was deleted meanwhile ends quietly', async () => {
  bot.inference.hold();
  const image = bot.discord.upload(circle.png, { name: 'picture.png' });
  const interaction = await member.slash('describe', { image });
  const running = await interaction.settled({ until: ({ buttons }) => buttons.length > 0 });
  bot.discord.deleteMessage(running);
  bot.inference.release();
  await expect.poll(() => bot.logLines.some((line) => line.includes(interaction.id))).toBe(true);
  expect(bot.logLines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
});

test('a restarted connection to Discord loses nothing', async () => {
  await bot.discord.dropGateway({ resumable: true });
  const image = bot.discord.upload(circle.png, { name: 'picture.png' });
  const interaction = await member.slash('describe', { image });
  expect(asShown(await interaction.settled({ timeoutMs: 20_000 }))).toBe('a red circle');
});

test('a server error of Discord on the last edit, or a limit, loses nothing', async () => {
  bot.discord.failNext({ method: 'PATCH', route: /@original/, times: 1 }, { status: 502 });
  const image = bot.discord.upload(circle.png, { name: 'picture.png' });
  expect(asShown(await (await member.slash('describe', { image })).settled())).toBe('a red circle');
  bot.discord.failNext(
    { method: 'PATCH', route: /@original/, times: 1 },
    {
      status: 429,
      headers: { 'retry-after': '1' },
      body: { message: 'slow down', retry_after: 0.3, global: false },
    },
  );
  expect(asShown(await (await member.slash('describe', { image })).settled())).toBe('a red circle');
});

test('a button of a version that is gone says so', async () => {
  const message = bot.discord.postMessage({
    channel: server.channel,
    author: bot.discord.applicationMember,
    content: 'old',
    components: [{ type: 1, components: [{ type: 2, style: 2, label: 'Rate', custom_id: 'rate:5' }] }],
  });
  const click = await member.click(message, 'Rate');
  expect(asShown(await click.settled())).toContain('older version');
});

test('logs hold no question, no token and no address of a picture', async () => {
  const question = 'what is the secret colour of the circle?';
  const image = bot.discord.upload(circle.png, { name: 'private-name.png' });
  const interaction = await member.slash('ask', { image, question });
  await interaction.settled();
  await expect.poll(() => bot.logLines.join('')).toContain(interaction.id);
  const log = bot.logLines.join('');
  for (const secret of [
    question,
    'secret colour',
    bot.discord.token,
    interaction.token,
    'private-name',
    image.url,
  ]) {
    expect(log).not.toContain(secret);
  }
});

describe('who may use the bot', () => {
  test('those on a denied list are refused, alone and in their language', async () => {
    const limited = await startBot({ DENIED_MEMBERS: '81384788765712384' });
    try {
      const place = limited.discord.addServer();
      const image = limited.discord.upload(circle.png, { name: 'picture.png' });
      const allowed = limited.discord.addMember({ server: place });
      expect(asShown(await (await allowed.slash('describe', { image })).settled())).toBe('a red circle');
      const denied = limited.discord.addMember({ server: place, id: '81384788765712384', locale: 'de' });
      const interaction = await denied.slash('describe', { image });
      expect(await interaction.acknowledged).toMatchObject({ type: 4, ephemeral: true });
      expect(asShown(await interaction.settled())).not.toBe('');
      expect(limited.discord.violations).toEqual([]);
    } finally {
      await limited.close();
    }
  });

  test('a cooldown holds a member back, and nobody else', async () => {
    const limited = await startBot({ COOLDOWN: '60' });
    try {
      const place = limited.discord.addServer();
      const image = limited.discord.upload(circle.png, { name: 'picture.png' });
      const [first, second] = [
        limited.discord.addMember({ server: place }),
        limited.discord.addMember({ server: place }),
      ];
      await (await first.slash('describe', { image })).settled();
      expect(asShown(await (await first.slash('describe', { image })).settled())).toMatch(
        /^Please wait \d+ s/,
      );
      expect(asShown(await (await second.slash('describe', { image })).settled())).toBe('a red circle');
    } finally {
      await limited.close();
    }
  });
});

test('a picture whose copy would not fit into a message is made smaller', async () => {
  const small = bot.discord.addServer({ attachmentSizeLimit: 200 * 1024 });
  const visitor = bot.discord.addMember({ server: small });
  const noise = await sharp({
    create: {
      width: 900,
      height: 700,
      channels: 3,
      background: '#808080',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  })
    .jpeg({ quality: 80 })
    .toBuffer();
  const image = bot.discord.upload(noise, { name: 'noise.jpg' });
  const message = await (await visitor.slash('describe', { image })).settled();
  const posted = message.attachments[0]?.bytes ?? Buffer.alloc(0);
  expect(posted.length).toBeGreaterThan(0);
  expect(posted.length).toBeLessThan(200 * 1024);
});
