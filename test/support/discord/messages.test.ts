import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Json } from './json.js';
import { RawBot, type RawAnswer, type RawFile } from './raw-bot.js';
import { StrictDiscord } from './strict-discord.js';

const V2 = 1 << 15;
const LIMIT = 1000;

let discord: StrictDiscord;
let bot: RawBot;
let messages: string;
let seen: number;

beforeAll(async () => {
  discord = await StrictDiscord.start({ maxUploadBytes: LIMIT, requestsPerSecond: 1000 });
  bot = new RawBot(discord);
  messages = `/channels/${discord.addServer().channel.id}/messages`;
});

beforeEach(() => {
  seen = discord.violations.length;
});

afterAll(async () => {
  await discord.close();
});

const post = (body: Json, files?: readonly RawFile[]): Promise<RawAnswer> =>
  bot.call('POST', messages, body, files && { files });
const newViolations = (): string[] =>
  discord.violations.slice(seen).map(({ rule, detail }) => `${rule} ${detail}`);

const times = <Item>(count: number, item: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => item(index));
const button = (more: object = {}): object => ({
  type: 2,
  style: 1,
  label: 'Go',
  custom_id: 'go',
  ...more,
});
const row = (...components: object[]): object => ({ type: 1, components });
const select = (more: object = {}): object => ({
  type: 3,
  custom_id: 'pick',
  options: [{ label: 'One', value: '1' }],
  ...more,
});
const text = (content: string): object => ({ type: 10, content });
const gallery = (...urls: string[]): object => ({
  type: 12,
  items: urls.map((url) => ({ media: { url }, description: 'a cat' })),
});
const file = (name = 'cat.txt', size = 1): RawFile => ({ name, bytes: Buffer.alloc(size, 'x') });
const listed = (index: number, more: object = {}): object => ({ id: String(index), ...more });

test('what Discord takes is taken', async () => {
  const legal: [Json, RawFile[]?][] = [
    [{ content: 'x'.repeat(2000), allowed_mentions: { parse: [] } }],
    [{ content: 'hi', components: times(5, (index) => row(button({ custom_id: `b${index}` }))) }],
    [
      {
        content: 'hi',
        components: [row(select()), row(button({ style: 5, custom_id: undefined, url: 'https://a.b' }))],
      },
    ],
    [{ embeds: [{ description: 'x'.repeat(4096), fields: [{ name: 'a', value: 'x'.repeat(1024) }] }] }],
    [{ flags: V2, components: [{ type: 17, components: [text('x'.repeat(4000))] }] }],
    [{ flags: V2, components: [{ type: 9, components: [text('a')], accessory: button() }, { type: 14 }] }],
    [{ attachments: [listed(0, { description: 'x'.repeat(1024) })] }, [file()]],
    [
      { flags: V2, components: [gallery('attachment://cat.png')], attachments: [listed(0)] },
      [file('cat.png')],
    ],
    [
      {
        flags: V2,
        components: [{ type: 13, file: { url: 'attachment://a.txt' } }],
        attachments: [listed(0)],
      },
      [file('a.txt', LIMIT)],
    ],
  ];
  for (const [body, files] of legal) {
    expect(await post(body, files)).toMatchObject({ status: 200 });
  }
  expect(newViolations()).toEqual([]);
});

const TOO_LONG = /Must be \d+ or fewer in length/;
const BAD_LENGTH = /Must be between \d+ and \d+ in length/;
const REQUIRED = /This field is required/;

const REFUSED: [string, Json, RegExp, RawFile[]?][] = [
  ['content above 2000 characters', { content: 'x'.repeat(2001) }, TOO_LONG],
  ['flags that no message has', { content: 'x', flags: 1 << 7 }, /MESSAGE_FLAGS_INVALID/],
  ['ephemeral outside of an interaction', { content: 'x', flags: 64 }, /MESSAGE_FLAGS_INVALID/],
  ['content with Components V2', { content: 'x', flags: V2, components: [text('a')] }, /LEGACY_FIELDS/],
  ['embeds with Components V2', { embeds: [{ title: 'x' }], flags: V2, components: [text('a')] }, /LEGACY/],
  ['Components V2 without components', { flags: V2 }, REQUIRED],
  ['Text Display without its flag', { content: 'x', components: [text('a')] }, /must be one of \{1\}/],
  ['an embed description above 4096', { embeds: [{ description: 'x'.repeat(4097) }] }, TOO_LONG],
  ['an embed title above 256', { embeds: [{ title: 'x'.repeat(257) }] }, TOO_LONG],
  ['a field value above 1024', { embeds: [{ fields: [{ name: 'a', value: 'x'.repeat(1025) }] }] }, TOO_LONG],
  ['26 fields', { embeds: [{ fields: times(26, () => ({ name: 'a', value: 'b' })) }] }, BAD_LENGTH],
  ['an embed with components', { embeds: [{ title: 'x', components: [] }] }, /UNKNOWN_FIELD/],
  ['11 embeds', { embeds: times(11, () => ({ title: 'x' })) }, BAD_LENGTH],
  [
    'embeds of more than 6000 characters',
    { embeds: times(2, () => ({ description: 'x'.repeat(3001) })) },
    /MAX_EMBED_SIZE_EXCEEDED/,
  ],
  [
    '6 rows',
    { content: 'x', components: times(6, (index) => row(button({ custom_id: `${index}` }))) },
    BAD_LENGTH,
  ],
  [
    '6 buttons in a row',
    { content: 'x', components: [row(...times(6, (index) => button({ custom_id: `${index}` })))] },
    BAD_LENGTH,
  ],
  ['an empty row', { content: 'x', components: [row()] }, BAD_LENGTH],
  [
    'a menu beside a button',
    { content: 'x', components: [row(select(), button())] },
    /LAYOUT_WIDTH_EXCEEDED/,
  ],
  ['a custom id twice', { content: 'x', components: [row(button(), button())] }, /CUSTOM_ID_DUPLICATED/],
  [
    'a custom id of 101',
    { content: 'x', components: [row(button({ custom_id: 'x'.repeat(101) }))] },
    TOO_LONG,
  ],
  ['an empty custom id', { content: 'x', components: [row(button({ custom_id: '' }))] }, /or more in length/],
  ['no custom id', { content: 'x', components: [row(button({ custom_id: undefined }))] }, REQUIRED],
  ['a button label of 81', { content: 'x', components: [row(button({ label: 'x'.repeat(81) }))] }, TOO_LONG],
  [
    'a button with neither label nor emoji',
    { content: 'x', components: [row(button({ label: '' }))] },
    /LABEL_REQUIRED/,
  ],
  [
    'a link button with a custom id',
    { content: 'x', components: [row(button({ style: 5, url: 'https://a.b' }))] },
    /INVALID_CUSTOM_ID/,
  ],
  [
    'a button of an unknown style',
    { content: 'x', components: [row(button({ style: 7 }))] },
    /less than or equal to 6/,
  ],
  [
    '26 options',
    {
      content: 'x',
      components: [row(select({ options: times(26, (index) => ({ label: 'a', value: `${index}` })) }))],
    },
    BAD_LENGTH,
  ],
  ['no options', { content: 'x', components: [row(select({ options: [] }))] }, BAD_LENGTH],
  [
    'an option label of 101',
    { content: 'x', components: [row(select({ options: [{ label: 'x'.repeat(101), value: '1' }] }))] },
    TOO_LONG,
  ],
  [
    'an option value of 101',
    { content: 'x', components: [row(select({ options: [{ label: 'a', value: 'x'.repeat(101) }] }))] },
    TOO_LONG,
  ],
  [
    'an option description of 101',
    {
      content: 'x',
      components: [row(select({ options: [{ label: 'a', value: '1', description: 'x'.repeat(101) }] }))],
    },
    TOO_LONG,
  ],
  [
    'an option value twice',
    { content: 'x', components: [row(select({ options: times(2, () => ({ label: 'a', value: '1' })) }))] },
    /VALUE_DUPLICATED/,
  ],
  [
    'a placeholder of 151',
    { content: 'x', components: [row(select({ placeholder: 'x'.repeat(151) }))] },
    TOO_LONG,
  ],
  [
    'more values than options',
    { content: 'x', components: [row(select({ max_values: 2 }))] },
    /only 1 options/,
  ],
  [
    'a text input in a message',
    { content: 'x', components: [row({ type: 4, custom_id: 'a' })] },
    /must be one of/,
  ],
  ['41 components', { flags: V2, components: times(41, () => text('a')) }, BAD_LENGTH],
  [
    '4001 characters of Text Display',
    { flags: V2, components: [text('x'.repeat(2000)), text('x'.repeat(2001))] },
    /TEXT_SIZE_EXCEEDED/,
  ],
  ['an empty Text Display', { flags: V2, components: [text('')] }, /or more in length/],
  [
    'a container in a container',
    { flags: V2, components: [{ type: 17, components: [{ type: 17, components: [text('a')] }] }] },
    /must be one of/,
  ],
  [
    'a section without an accessory',
    { flags: V2, components: [{ type: 9, components: [text('a')] }] },
    REQUIRED,
  ],
  [
    '11 pictures in a gallery',
    { flags: V2, components: [gallery(...times(11, () => 'https://a.b/c.png'))] },
    BAD_LENGTH,
  ],
  [
    'a gallery without the file',
    { flags: V2, components: [gallery('attachment://cat.png')] },
    /REFERENCED_ATTACHMENT_NOT_FOUND/,
  ],
  [
    'gallery alt text of 1025',
    {
      flags: V2,
      components: [
        { type: 12, items: [{ media: { url: 'https://a.b/c.png' }, description: 'x'.repeat(1025) }] },
      ],
    },
    TOO_LONG,
  ],
  [
    'a file that no component shows',
    { flags: V2, components: [text('a')], attachments: [listed(0)] },
    /UNREFERENCED_ATTACHMENT/,
    [file()],
  ],
  ['a file without an entry', { content: 'x' }, /ATTACHMENT_NOT_LISTED/, [file()]],
  ['an entry without a file', { content: 'x', attachments: [listed(0)] }, /ATTACHMENT_NOT_FOUND/],
  [
    'alt text of 1025',
    { content: 'x', attachments: [listed(0, { description: 'x'.repeat(1025) })] },
    TOO_LONG,
    [file()],
  ],
  [
    '11 files',
    { content: 'x', attachments: times(11, (index) => listed(index)) },
    BAD_LENGTH,
    times(11, (index) => file(`${index}.txt`)),
  ],
  ['an unknown kind of mention', { content: 'x', allowed_mentions: { parse: ['here'] } }, /must be one of/],
  [
    'mentions that contradict each other',
    { content: 'x', allowed_mentions: { parse: ['users'], users: ['81384788765712384'] } },
    /mutually exclusive/,
  ],
  ['content that is no text', { content: 7 }, /STRING_TYPE_CONVERT/],
];

describe('an invalid form is refused with 50035, and recorded', () => {
  test.each(REFUSED)('%s', async (_name, body, reason, files) => {
    const answer = await post(body, files);
    expect(answer).toMatchObject({ status: 400, body: { code: 50035, message: 'Invalid Form Body' } });
    expect(JSON.stringify(answer.body.errors)).toContain('_errors');
    expect(newViolations()).toHaveLength(1);
    expect(newViolations()[0]).toMatch(reason);
  });
});

describe('refused with a code of its own', () => {
  test.each<[string, Json, number, number, RawFile[]?]>([
    ['nothing', {}, 400, 50006],
    ['spaces alone', { content: '  \n' }, 400, 50006],
    ['components alone', { components: [row(button())] }, 400, 50006],
    ['a file above the limit', { attachments: [listed(0)] }, 413, 40005, [file('a.txt', LIMIT + 1)]],
  ])('%s', async (_name, body, status, code, files) => {
    expect(await post(body, files)).toMatchObject({ status, body: { code } });
    expect(newViolations()[0]).toContain(String(code));
  });

  test('JSON that is broken, and a body of another type', async () => {
    const send = async (contentType: string): Promise<unknown> => {
      const headers = { authorization: `Bot ${discord.token}`, 'content-type': contentType };
      const url = `${discord.apiUrl}/v10${messages}`;
      return (await fetch(url, { method: 'POST', headers, body: '{' })).json();
    };
    expect(await send('application/json')).toMatchObject({ code: 50109 });
    expect(await send('text/plain')).toMatchObject({ code: 50035 });
  });
});

describe('rules of the house are recorded, and the message is posted', () => {
  test.each<[string, Json, string, RawFile[]?]>([
    [
      'a picture without alt text',
      { attachments: [listed(0)] },
      'missing attachment description',
      [file('a.png')],
    ],
    [
      'blank alt text',
      { attachments: [listed(0, { description: ' ' })] },
      'missing attachment description',
      [file('a.png')],
    ],
    ['a mention that nobody forbids', { content: 'hi <@81384788765712384>' }, 'missing allowed_mentions'],
    [
      'the same in a Text Display',
      { flags: V2, components: [text('@everyone')] },
      'missing allowed_mentions',
    ],
  ])('%s', async (_name, body, rule, files) => {
    expect(await post(body, files)).toMatchObject({ status: 200 });
    expect(newViolations()).toHaveLength(1);
    expect(newViolations()[0]).toContain(rule);
  });
});

describe('an edit', () => {
  async function posted(
    body: Json,
    files?: readonly RawFile[],
  ): Promise<{ id: string; attachments: Json[] }> {
    const { body: message } = await post(body, files);
    return message as unknown as { id: string; attachments: Json[] };
  }
  const edit = (id: string, body: Json, files?: readonly RawFile[]): Promise<RawAnswer> =>
    bot.call('PATCH', `${messages}/${id}`, body, files && { files });

  test('leaves alone what it does not speak of, and removes attachments that it does not list', async () => {
    const files = [file('a.txt'), file('b.txt')];
    const { id, attachments } = await posted({ content: 'x', attachments: [listed(0), listed(1)] }, files);
    const changed = await edit(id, { content: 'y' });
    expect(changed.body.attachments).toHaveLength(2);
    const fewer = await edit(id, { attachments: [{ id: attachments[1].id, description: 'b' }] });
    expect(fewer.body).toMatchObject({
      content: 'y',
      attachments: [{ filename: 'b.txt', description: 'b' }],
    });
    expect(await edit(id, { content: '', attachments: [] })).toMatchObject({ body: { code: 50006 } });
  });

  test('can turn Components V2 on, and never off again', async () => {
    const { id } = await posted({ content: 'x' });
    const components = [text('a')];
    expect((await edit(id, { flags: V2, components })).body.code).toBe(50035);
    expect(newViolations()[0]).toMatch(/LEGACY_FIELDS/);
    expect((await edit(id, { flags: V2, content: null, components })).status).toBe(200);
    expect((await edit(id, { flags: 0, content: 'x', components: [] })).body.code).toBe(50035);
    expect(newViolations()[1]).toMatch(/CANNOT_REMOVE_COMPONENTS_V2_FLAG/);
    expect((await edit(id, { components: [text('b')] })).status).toBe(200);
  });

  test('can not take away a file that a component goes on showing, nor show one by its address', async () => {
    const shown = { type: 13, file: { url: 'attachment://a.txt' } };
    const body = { flags: V2, components: [shown], attachments: [listed(0)] };
    const { id, attachments } = await posted(body, [file('a.txt')]);
    expect((await edit(id, { attachments: [{ id: attachments[0].id }] })).status).toBe(200);
    expect((await edit(id, { attachments: [] })).body.code).toBe(50035);
    expect(newViolations()[0]).toMatch(/REFERENCED_ATTACHMENT_NOT_FOUND/);
    const components = [{ type: 13, file: { url: attachments[0].url } }];
    expect((await edit(id, { components })).body.code).toBe(50035);
    expect(newViolations()[1]).toMatch(/INVALID_URL/);
    expect((await edit(id, { components: [shown] })).status).toBe(200);
  });

  test('can not make a message ephemeral', async () => {
    const { id } = await posted({ content: 'x' });
    expect((await edit(id, { flags: 64 })).body.code).toBe(50035);
  });
});

test('messages say whom they ping', async () => {
  const member = discord.addMember();
  const message = discord.postMessage({
    channel: discord.directMessages(member),
    author: discord.applicationMember,
    content: 'x',
  });
  await bot.call('PATCH', `/channels/${message.channel.id}/messages/${message.id}`, {
    content: `@here <@${member.id}> <@&81384788765712384>`,
    allowed_mentions: { parse: ['everyone'], users: [member.id] },
  });
  expect(message.pinged).toEqual(['everyone', member.id]);
});
