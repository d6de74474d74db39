import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from './json.js';
import { RawBot } from './raw-bot.js';
import { StrictDiscord, type Interaction, type Member, type Server } from './strict-discord.js';

let discord: StrictDiscord;
let bot: RawBot;
let server: Server;
let member: Member;

const OPTIONS = [
  { type: 11, name: 'image', description: 'x', required: true, file_types: ['image'] },
  { type: 3, name: 'word', description: 'x', max_length: 3 },
  { type: 3, name: 'kind', description: 'x', choices: [{ name: 'A', value: 'a' }] },
  { type: 4, name: 'count', description: 'x', min_value: 1, max_value: 3 },
  { type: 5, name: 'private', description: 'x' },
];

beforeAll(async () => {
  discord = await StrictDiscord.start();
  server = discord.addServer();
  member = discord.addMember({ server });
  bot = new RawBot(discord);
  await bot.logIn();
  await bot.call('PUT', `/applications/${discord.applicationId}/commands`, [
    { name: 'look', description: 'x', options: OPTIONS },
    { name: 'here', description: 'x', contexts: [0], integration_types: [0] },
    { name: 'adult', description: 'x', nsfw: true },
    {
      name: 'set',
      description: 'x',
      options: [{ type: 1, name: 'word', description: 'x', options: [OPTIONS[1]] }],
    },
    { type: 3, name: 'Look' },
  ]);
});

afterAll(async () => {
  bot.close();
  await discord.close();
});

const picture = (name = 'a.png'): ReturnType<StrictDiscord['upload']> =>
  discord.upload(Buffer.from('x'), { name });

async function answered(interaction: Interaction, data: Json): Promise<Interaction> {
  expect((await bot.respond(interaction, { type: 4, data })).status).toBe(204);
  return interaction;
}

describe('what Discord would not let a member send, throws', () => {
  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['a command that is not registered', () => member.slash('see'), /registered no command see/],
    ['a missing option', () => member.slash('look'), /needs the option image/],
    ['an unknown option', () => member.slash('look', { image: picture(), x: 1 }), /no option x/],
    [
      'a file of another type',
      () => member.slash('look', { image: picture('a.pdf') }),
      /not one of the file types/,
    ],
    ['text in the place of a file', () => member.slash('look', { image: 'a.png' }), /a file is needed/],
    [
      'a text that is too long',
      () => member.slash('look', { image: picture(), word: 'long' }),
      /4 characters/,
    ],
    [
      'a number in the place of text',
      () => member.slash('look', { image: picture(), word: 1 }),
      /string is needed/,
    ],
    [
      'what is none of the choices',
      () => member.slash('look', { image: picture(), kind: 'b' }),
      /none of the choices/,
    ],
    ['a number out of range', () => member.slash('look', { image: picture(), count: 4 }), /out of range/],
    ['half of a whole number', () => member.slash('look', { image: picture(), count: 1.5 }), /out of range/],
    [
      'text in the place of true',
      () => member.slash('look', { image: picture(), private: 'yes' }),
      /boolean is needed/,
    ],
    ['a server command in direct messages', () => discord.addMember().slash('here'), /context 1/],
    ['a server command where the bot is not', () => guest().slash('here'), /installed the app themselves/],
    ['an adults-only command', () => member.slash('adult'), /age-restricted/],
    ['an unknown subcommand', () => member.slash('set x'), /no subcommand x/],
    [
      'completion that is not offered',
      () => member.autocomplete('look', { word: 'x' }, 'word'),
      /no autocompletion/,
    ],
    ['an unknown menu entry', () => member.messageMenu('See', post()), /registered no command See/],
    ['a button that is not there', () => member.click(post(), 'Go'), /no button 'Go'/],
    ['a menu that is not there', () => member.choose(post(), ['1']), /no menu/],
  ])('%s', async (_name, act, reason) => {
    await expect(async () => act()).rejects.toThrow(reason);
  });

  const guest = (): Member => discord.addMember({ server: discord.addServer({ botIsMember: false }) });
  const post = (): ReturnType<StrictDiscord['postMessage']> =>
    discord.postMessage({ channel: server.channel, author: member, content: 'x' });

  test('a disabled button, a message for others alone, and values that a menu does not have', async () => {
    const components = [
      { type: 1, components: [{ type: 2, style: 1, label: 'Go', custom_id: 'go', disabled: true }] },
      { type: 1, components: [{ type: 3, custom_id: 'pick', options: [{ label: 'One', value: '1' }] }] },
    ];
    const interaction = await answered(await member.slash('set word'), {
      content: 'x',
      components,
      flags: 64,
    });
    const message = await interaction.settled();
    await expect(member.click(message, 'Go')).rejects.toThrow('no button');
    await expect(member.choose(message, ['2'])).rejects.toThrow('does not let');
    await expect(member.choose(message, [])).rejects.toThrow('does not let');
    await expect(discord.addMember({ server }).choose(message, ['1'])).rejects.toThrow('does not see');
  });

  test('a form that is filled in wrongly', async () => {
    const interaction = await member.slash('set word', { word: 'x' });
    const field = (label: string, component: Json): Json => ({ type: 18, label, component });
    const options = [
      { label: 'A', value: 'a' },
      { label: 'B', value: 'b' },
    ];
    await bot.respond(interaction, {
      type: 9,
      data: {
        custom_id: 'form',
        title: 'A form',
        components: [
          field('Words', { type: 4, custom_id: 'words', style: 1, max_length: 3 }),
          field('Menu', { type: 3, custom_id: 'menu', options }),
          field('Radio', { type: 21, custom_id: 'radio', options, required: false }),
          field('File', { type: 19, custom_id: 'file', file_types: ['image'], required: false }),
          field('Box', { type: 23, custom_id: 'box' }),
        ],
      },
    });
    const form = await interaction.modal;
    const good = { Words: 'abc', menu: ['a'], radio: 'b', file: [picture()], box: true };
    const wrong: [object, RegExp][] = [
      [{ Words: '' }, /takes 1 to 3 characters/],
      [{ Words: 'abcd' }, /takes 1 to 3 characters/],
      [{ menu: ['c'] }, /no option c/],
      [{ menu: [] }, /takes 1 to 1 values/],
      [{ file: [picture('a.pdf')] }, /does not take a.pdf/],
      [{ other: 'x' }, /no field other/],
    ];
    for (const [change, reason] of wrong) {
      await expect(async () => member.submit(form, { ...good, ...change })).rejects.toThrow(reason);
    }
    bot.events.length = 0;
    await answered(await member.submit(form, good), { content: 'x' });
    const { data } = (await bot.event('INTERACTION_CREATE')) as { data: Json };
    expect(data.components).toMatchObject([
      { type: 18, component: { custom_id: 'words', value: 'abc' } },
      { component: { custom_id: 'menu', values: ['a'] } },
      { component: { custom_id: 'radio', value: 'b' } },
      { component: { custom_id: 'file', values: [good.file[0].id] } },
      { component: { custom_id: 'box', value: true } },
    ]);
    expect(data.resolved).toMatchObject({ attachments: { [good.file[0].id]: { filename: 'a.png' } } });
  });
});

test('a member speaks a language of Discord', () => {
  expect(() => discord.addMember({ locale: 'en' })).toThrow('no language en');
});

test('without a bot that listens nothing can be sent', async () => {
  const lonely = await StrictDiscord.start();
  const someone = lonely.addMember({ server: lonely.addServer() });
  const path = `/applications/${lonely.applicationId}/commands`;
  await new RawBot(lonely).call('PUT', path, [{ name: 'look', description: 'x' }]);
  await expect(someone.slash('look')).rejects.toThrow('No bot is connected');
  await lonely.close();
});

test('a message menu brings stickers, forwarded messages and Components V2', async () => {
  const bytes = Buffer.from('x');
  const message = discord.postMessage({
    channel: server.channel,
    author: member,
    stickers: [{ name: 'wave', formatType: 4, bytes }],
    forwarded: { content: 'look', attachments: [picture()] },
    components: [{ type: 12, items: [{ media: { url: 'https://a.b/c.png' } }] }],
    flags: 1 << 15,
  });
  bot.events.length = 0;
  await answered(await member.messageMenu('Look', message), { content: 'x' });
  const { data } = (await bot.event('INTERACTION_CREATE')) as { data: { target_id: string; resolved: Json } };
  const { messages } = data.resolved as { messages: Record<string, { sticker_items: { id: string }[] }> };
  expect(messages[data.target_id]).toMatchObject({
    sticker_items: [{ name: 'wave', format_type: 4 }],
    message_reference: { type: 1 },
    message_snapshots: [{ message: { content: 'look', attachments: [{ filename: 'a.png' }] } }],
    components: [{ type: 12, items: [{ media: { url: 'https://a.b/c.png' } }] }],
  });
  const [{ id }] = messages[data.target_id].sticker_items;
  const sticker = await fetch(`http://${discord.attachmentHost}/stickers/${id}.gif`);
  expect(sticker.headers.get('content-type')).toBe('image/gif');
});

describe('the preview of a link', () => {
  const gallery = (count: number): object => ({
    type: 12,
    items: Array.from({ length: count }, () => ({ media: discord.linked(Buffer.from('x')) })),
  });
  const post = (...components: object[]): unknown =>
    discord.postMessage({
      channel: server.channel,
      author: member,
      embeds: [{ url: 'https://a.b/c', components }],
    });

  test("has the address of Discord's copy of a picture", async () => {
    const { url, proxy_url } = discord.linked(Buffer.from('a copy'), 'https://example.org/a.gif');
    expect(url).toBe('https://example.org/a.gif');
    const copy = await fetch(String(proxy_url));
    expect([await copy.text(), copy.headers.get('content-type')]).toEqual(['a copy', 'image/gif']);
  });

  test('may be laid out in one container', () => {
    expect(() => post({ type: 17, components: [gallery(10), { type: 10, content: 'x' }] })).not.toThrow();
  });

  test.each<[string, () => object[], string]>([
    ['no container', () => [gallery(1)], 'one container'],
    [
      'two',
      () => [
        { type: 17, components: [] },
        { type: 17, components: [] },
      ],
      'one container',
    ],
    ['11 pictures', () => [{ type: 17, components: [gallery(6), gallery(5)] }], '10 pictures'],
    ['a file', () => [{ type: 17, components: [{ type: 13, file: { url: 'https://a.b' } }] }], 'only shows'],
    [
      'a button of an app',
      () => [{ type: 17, components: [{ type: 1, components: [{ type: 2, custom_id: 'x', label: 'x' }] }] }],
      'only shows',
    ],
  ])('is none with %s', (_name, components, message) => {
    expect(() => post(...components())).toThrow(message);
  });
});

describe('an attachment', () => {
  test('has the address, type and size that Discord would tell', async () => {
    const gif = Buffer.from('R0lGODlhAgADAIAAAAAAAP///yH5BAEAAAAALAAAAAACAAMAAAICRF4AOw==', 'base64');
    const file = discord.upload(gif, { name: 'a.gif', spoiler: true, description: 'x' });
    expect(file.toJson()).toMatchObject({
      filename: 'SPOILER_a.gif',
      content_type: 'image/gif',
      size: gif.length,
      width: 2,
      height: 3,
      description: 'x',
    });
    const response = await fetch(file.url);
    expect(response.headers.get('content-type')).toBe('image/gif');
    expect(Buffer.from(await response.arrayBuffer()).equals(gif)).toBe(true);
    expect(discord.upload(gif, { omitDimensions: true }).toJson()).not.toHaveProperty('width');
  });

  test('is gone when its address has expired or was changed', async () => {
    const statusOf = async (url: string): Promise<number> => (await fetch(url)).status;
    const { url } = picture();
    expect(await statusOf(url)).toBe(200);
    expect(await statusOf(url.split('?')[0])).toBe(404);
    expect(await statusOf(url.replace('hm=', 'hm=0'))).toBe(404);
    expect(await statusOf(url.replace(/ex=\w/, 'ex=f'))).toBe(404);
    expect(await statusOf(discord.upload(Buffer.from('x'), { expiresInMs: -1000 }).url)).toBe(404);
  });

  test('fails when a test says so', async () => {
    discord.failNext({ route: /^\/attachments\// }, { status: 503 });
    expect((await fetch(picture().url)).status).toBe(503);
  });
});

test('nothing of this was against the rules', () => {
  expect(discord.violations).toEqual([]);
});
