import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DEMO_MODEL } from '../../src/config.js';
import { drawnBox } from '../support/annotation.js';
import { asShown } from '../support/as-shown.js';
import { startBot, type BotUnderTest } from '../support/bot-under-test.js';
import type { Member } from '../support/discord/strict-discord.js';
import { blueSquare, redCircle, type DrawnPicture } from '../support/drawn-pictures.js';

/** The first colour of the palette. */
const FIRST_COLOUR = '#e69f00';

let bot: BotUnderTest;
let member: Member;
let circle: DrawnPicture;
let square: DrawnPicture;

beforeAll(async () => {
  bot = await startBot();
  member = bot.discord.addMember({ server: bot.discord.addServer(), locale: 'en-US' });
  circle = await redCircle();
  square = await blueSquare();
});

afterEach(() => {
  expect(bot.discord.violations).toEqual([]);
});

afterAll(async () => {
  await bot.close();
});

const upload = (picture: DrawnPicture, name = 'picture.png'): ReturnType<typeof bot.discord.upload> =>
  bot.discord.upload(picture.png, { name });

describe('/describe', () => {
  test('says what the picture shows, and shows it with that as its alt text', async () => {
    const interaction = await member.slash('describe', { image: upload(circle) });
    const { type, ephemeral, afterMs } = await interaction.acknowledged;
    expect({ type, ephemeral }).toEqual({ type: 5, ephemeral: false });
    expect(afterMs).toBeLessThan(3000);
    const message = await interaction.settled();
    expect(asShown(message)).toBe('a red circle');
    expect(message.attachments).toHaveLength(1);
    expect(message.attachments[0]?.description).toBe('a red circle');
    const posted = await sharp(message.attachments[0]?.bytes).metadata();
    expect(posted).toMatchObject({ format: 'jpeg', width: 640, height: 480 });
    expect(message.buttons.map(({ label }) => label)).toEqual([
      'Ask more',
      'Find objects',
      'Read text',
      'Alt text',
      'Delete',
    ]);
  });

  test('says more when more is asked for', async () => {
    const message = await (
      await member.slash('describe', { image: upload(circle), detail: 'long' })
    ).settled();
    expect(asShown(message)).toMatch(/^The picture shows one shape .* a red circle\.$/);
  });

  test("answers in the member's own language unless they choose another", async () => {
    const spanish = bot.discord.addMember({ server: bot.discord.addServer(), locale: 'es-419' });
    const own = await (await spanish.slash('describe', { image: upload(circle) })).settled();
    expect(asShown(own)).toBe('un círculo rojo');
    const chosen = await (
      await spanish.slash('describe', { image: upload(circle), language: 'fr' })
    ).settled();
    expect(asShown(chosen)).toBe('un cercle rouge');
    expect(chosen.buttons.map(({ label }) => label)).not.toContain('Ask more');
  });

  test('takes a language that was typed instead of chosen, and refuses one that the model does not speak', async () => {
    const typed = await (
      await member.slash('describe', { image: upload(circle), language: 'Chinese' })
    ).settled();
    expect(asShown(typed)).toBe('红色圆形');
    const unknown = await member.slash('describe', { image: upload(circle), language: 'Klingon @everyone' });
    expect(await unknown.acknowledged).toMatchObject({ type: 4, ephemeral: true });
    expect(asShown(await unknown.settled())).toContain('does not speak');
  });

  test('completes the language while it is typed', async () => {
    const choices = await member.autocomplete(
      'describe',
      { image: upload(circle), language: 'chi' },
      'language',
    );
    expect(choices[0]).toEqual({ name: 'Chinese (中文)', value: 'zh' });
    const all = await member.autocomplete('describe', { image: upload(circle), language: '' }, 'language');
    expect(all[0]?.value).toBe('en');
    expect(all).toHaveLength(25);
  });

  test('answers the member alone when it is to be private', async () => {
    const interaction = await member.slash('describe', { image: upload(circle), private: true });
    expect(await interaction.acknowledged).toMatchObject({ type: 5, ephemeral: true });
    const message = await interaction.settled();
    expect(message.ephemeral).toBe(true);
    const other = bot.discord.addMember({ server: bot.discord.addServer() });
    expect(other.sees(message)).toBe(false);
    expect(member.sees(message)).toBe(true);
  });

  test('keeps a spoiler a spoiler', async () => {
    const image = bot.discord.upload(circle.png, { name: 'end.png', spoiler: true });
    const message = await (await member.slash('describe', { image })).settled();
    expect(asShown(message)).toBe('||a red circle||');
    expect(message.attachments[0]?.spoiler).toBe(true);
  });
});

describe('/ocr', () => {
  test('reads the text, as it stands in the picture', async () => {
    const jpeg = await readFile(join(DEMO_MODEL, 'samples', 'mix-sign.jpg'));
    const image = bot.discord.upload(jpeg, { name: 'sign.jpg' });
    const message = await (await member.slash('ocr', { image })).settled();
    expect(asShown(message)).toBe('```\nMIX\n```');
    expect(message.attachments[0]?.description).toBe('A picture with the text: MIX');
    expect(message.buttons.map(({ label }) => label)).toEqual(['Ask more', 'Find objects', 'Delete']);
  });

  test('says so when there is no text', async () => {
    const message = await (await member.slash('ocr', { image: upload(circle) })).settled();
    expect(asShown(message)).toBe('I found no text in this picture.');
  });
});

describe('/ask', () => {
  test('answers the question, which it repeats for the others in the channel', async () => {
    const question = 'what color is the square?';
    const message = await (await member.slash('ask', { image: upload(square), question })).settled();
    expect(asShown(message)).toBe('> what color is the square?\nblue');
    expect(message.attachments[0]?.description).toBe(`The picture of the question: ${question} Answer: blue`);
  });

  test('lets no question ping anyone or break the formatting', async () => {
    const question =
      '@everyone <@123456789012345678> **what** color is ||the|| square? `x` https://example.org';
    const message = await (await member.slash('ask', { image: upload(square), question })).settled();
    expect(message.pinged).toEqual([]);
    expect(message.content).not.toMatch(/(?<!\\)(\*|\||`|<@)/);
  });
});

describe('/detect and /segment', () => {
  test('detect draws a box where the shape is, and says so to those who can not see it', async () => {
    const interaction = await member.slash('detect', { image: upload(circle), objects: 'circle' });
    const message = await interaction.settled();
    expect(asShown(message)).toBe('> circle\nFound 1 object: circle');
    expect(message.attachments[0]?.description).toBe('The picture with boxes drawn around: circle (left).');
    const box = await drawnBox(circle.png, message.attachments[0]?.bytes ?? Buffer.alloc(0), FIRST_COLOUR);
    expectNear(box, circle.box);
  });

  test('segment draws the outline where the shape is', async () => {
    const interaction = await member.slash('segment', { image: upload(square), objects: 'square' });
    const message = await interaction.settled();
    expect(message.attachments[0]?.description).toBe(
      'The picture with outlines drawn around: square (right).',
    );
    const box = await drawnBox(square.png, message.attachments[0]?.bytes ?? Buffer.alloc(0), FIRST_COLOUR);
    expectNear(box, square.box);
  });

  test('several objects are looked for at once', async () => {
    const jpeg = await readFile(join(DEMO_MODEL, 'samples', 'star-diamond-square.jpg'));
    const image = bot.discord.upload(jpeg, { name: 'shapes.jpg' });
    const message = await (await member.slash('detect', { image, objects: 'star, diamond' })).settled();
    expect(asShown(message)).toMatch(/^> star, diamond\nFound 2 objects: (star, diamond|diamond, star)$/);
  });

  test('of several objects, those that were not found are named', async () => {
    const message = await (
      await member.slash('detect', { image: upload(circle), objects: 'circle, star' })
    ).settled();
    expect(message.content).toBe('> circle, star\nFound 1 object: circle\n-# Not found: star');
  });

  test('nothing found is said, with the picture that was looked at', async () => {
    const message = await (
      await member.slash('detect', { image: upload(circle), objects: 'star' })
    ).settled();
    expect(asShown(message)).toBe('> star\nI found nothing of that in this picture.');
    expect(message.attachments).toHaveLength(1);
  });

  test('a list without an object is refused before anything is promised', async () => {
    const interaction = await member.slash('detect', { image: upload(circle), objects: ' , ;' });
    expect(await interaction.acknowledged).toMatchObject({ type: 4, ephemeral: true });
    expect(asShown(await interaction.settled())).toBe('Name at least one object to look for.');
  });
});

test('works in direct messages and where only the member has installed it', async () => {
  const direct = bot.discord.addMember();
  const inDirect = await direct.slash(
    'describe',
    { image: upload(circle) },
    { channel: bot.discord.directMessages(direct) },
  );
  expect(asShown(await inDirect.settled())).toBe('a red circle');

  const elsewhere = bot.discord.addServer({ botIsMember: false });
  const installed = bot.discord.addMember({ server: elsewhere });
  const message = await (
    await installed.slash('detect', { image: upload(circle), objects: 'circle' })
  ).settled();
  expect(message.attachments).toHaveLength(1);
});

test('all that Glimpse says is in the language of the member', async () => {
  const chinese = bot.discord.addMember({ server: bot.discord.addServer(), locale: 'zh-CN' });
  const found = await (await chinese.slash('detect', { image: upload(circle), objects: 'circle' })).settled();
  expect(asShown(found)).toMatch(/^> circle\n找到.*circle/);
  expect(found.buttons.map(({ label }) => label)).toEqual(['继续提问', '查找物体', '识别文字', '删除']);
  expect(found.attachments[0]?.description).toMatch(/circle.*左/);
  const german = bot.discord.addMember({ server: bot.discord.addServer(), locale: 'de' });
  const refused = await german.slash('detect', { image: upload(circle), objects: ';' });
  expect(asShown(await refused.settled())).toMatch(/^Nenne /);
});

test('only the owner is told how the bot is doing', async () => {
  const owner = await bot.discord.owner.slash(
    'status',
    {},
    { channel: bot.discord.directMessages(bot.discord.owner) },
  );
  expect(await owner.acknowledged).toMatchObject({ ephemeral: true });
  expect(asShown(await owner.settled())).toMatch(
    /\*\*Model:\*\* `demo`[^]*\*\*Queue:\*\* 0 waiting, 0 running/,
  );
  const other = await member.slash('status', {});
  expect(asShown(await other.settled())).toBe('This is for the owner of the bot.');
});

/** A drawn box is near a shape; its label stands above it and may reach further to the right. */
function expectNear(drawn: DrawnPicture['box'] | undefined, shape: DrawnPicture['box']): void {
  expect(drawn).toBeDefined();
  expect(Math.abs((drawn?.left ?? 0) - shape.left)).toBeLessThan(30);
  expect(Math.abs((drawn?.right ?? 0) - shape.right)).toBeLessThan(30);
  expect(Math.abs((drawn?.bottom ?? 0) - shape.bottom)).toBeLessThan(30);
  expect((drawn?.top ?? 0) - shape.top).toBeGreaterThan(-60);
  expect((drawn?.top ?? 0) - shape.top).toBeLessThan(30);
}
