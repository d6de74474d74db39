import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from './json.js';
import { RawBot, type RawAnswer } from './raw-bot.js';
import { StrictDiscord, type Server } from './strict-discord.js';

let discord: StrictDiscord;
let bot: RawBot;
let server: Server;
let path: string;

beforeAll(async () => {
  discord = await StrictDiscord.start({ requestsPerSecond: 1000 });
  server = discord.addServer();
  bot = new RawBot(discord);
  path = `/applications/${discord.applicationId}`;
});

afterEach(async () => {
  await bot.call('PUT', `${path}/commands`, []);
});

afterAll(async () => {
  await discord.close();
});

const put = (commands: unknown, scope = ''): Promise<RawAnswer> =>
  bot.call('PUT', `${path}${scope}/commands`, commands);
const times = (count: number, item: (index: number) => Json): Json[] =>
  Array.from({ length: count }, (_, index) => item(index));
const command = (more: Json = {}): Json => ({ name: 'look', description: 'Looks', ...more });
const option = (more: Json = {}): Json => ({ type: 3, name: 'word', description: 'A word', ...more });

test('commands are kept, told again with their translations on request, changed and removed', async () => {
  const legal = [
    command({
      name_localizations: { 'zh-CN': '看', th: 'ดู', hi: 'देखें' },
      contexts: [0, 1, 2],
      integration_types: [0, 1],
      options: [
        option({ required: true, max_length: 6000 }),
        { type: 11, name: 'image', description: 'x', file_types: ['image', '.heic'] },
      ],
    }),
    { type: 3, name: 'Look at this!' },
  ];
  const { status, body } = await put(legal);
  expect(status).toBe(200);
  const [first, second] = body.list as Json[];
  expect(second).toMatchObject({ type: 3, name: 'Look at this!', description: '' });
  expect((await bot.call('GET', `${path}/commands`)).body.list).toMatchObject([{ name: 'look' }, {}]);
  const known = (await bot.call('GET', `${path}/commands?with_localizations=true`)).body.list as Json[];
  expect(known[0]).toMatchObject(legal[0]);
  const one = `${path}/commands/${String(first.id)}`;
  expect((await bot.call('GET', one)).body).toEqual(first);
  expect((await bot.call('PATCH', one, { description: 'Sees' })).body.description).toBe('Sees');
  expect((await bot.call('POST', `${path}/commands`, command())).status).toBe(200);
  expect((await bot.call('POST', `${path}/commands`, command({ name: 'see' }))).status).toBe(201);
  expect((await bot.call('DELETE', one)).status).toBe(204);
  expect((await bot.call('GET', one)).body.code).toBe(10063);
});

const REFUSED: [string, Json, RegExp][] = [
  ['an upper-case name', command({ name: 'Look' }), /INVALID_NAME/],
  ['a name with a space', command({ name: 'look here' }), /INVALID_NAME/],
  ['a name of 33', command({ name: 'x'.repeat(33) }), /or fewer in length/],
  ['no name', command({ name: undefined }), /required/],
  ['a description of 101', command({ description: 'x'.repeat(101) }), /or fewer in length/],
  ['no description', command({ description: '' }), /or more in length/],
  ['a locale that Discord does not have', command({ name_localizations: { en: 'look' } }), /LOCALE_INVALID/],
  [
    'a choice in a locale that Discord does not have',
    command({ options: [option({ choices: [{ name: 'x', value: 'x', name_localizations: { en: 'x' } }] })] }),
    /LOCALE_INVALID/,
  ],
  ['an upper-case translated name', command({ name_localizations: { de: 'Schau' } }), /INVALID_NAME/],
  [
    'a long translated description',
    command({ description_localizations: { de: 'x'.repeat(101) } }),
    /or fewer/,
  ],
  [
    '26 options',
    command({ options: times(26, (index) => option({ name: `o${index}` })) }),
    /between 0 and 25/,
  ],
  ['an option name twice', command({ options: [option(), option()] }), /must be unique/],
  [
    'a required option after another',
    command({ options: [option(), option({ name: 'b', required: true })] }),
    /REQUIRED_INVALID/,
  ],
  [
    '26 choices',
    command({
      options: [option({ choices: times(26, (index) => ({ name: `${index}`, value: `${index}` })) })],
    }),
    /between 0 and 25/,
  ],
  [
    'a choice name of 101',
    command({ options: [option({ choices: [{ name: 'x'.repeat(101), value: 'x' }] })] }),
    /or fewer/,
  ],
  [
    'choices and autocomplete',
    command({ options: [option({ autocomplete: true, choices: [{ name: 'x', value: 'x' }] })] }),
    /AUTOCOMPLETE_INVALID/,
  ],
  [
    'autocomplete of a picture',
    command({ options: [option({ type: 11, autocomplete: true })] }),
    /neither choices nor/,
  ],
  ['an unknown option type', command({ options: [option({ type: 12 })] }), /less than or equal to 11/],
  ['file types of a text', command({ options: [option({ file_types: ['image'] })] }), /Only attachments/],
  [
    'an unknown file type',
    command({ options: [option({ type: 11, file_types: ['picture'] })] }),
    /no file type/,
  ],
  ['a length above 6000', command({ options: [option({ max_length: 6001 })] }), /less than or equal to 6000/],
  ['an unknown context', command({ contexts: [3] }), /must be one of/],
  ['an unknown installation', command({ integration_types: [2] }), /must be one of/],
  ['a context twice', command({ contexts: [0, 0] }), /duplicates/],
  ['permissions that are none', command({ default_member_permissions: 'all' }), /no set of permissions/],
  ['an unknown type', command({ type: 5 }), /must be one of/],
  ['options of a menu entry', { type: 3, name: 'Look', options: [option()] }, /for slash commands alone/],
  ['a description of a menu entry', { type: 3, name: 'Look', description: 'x' }, /cannot have description/],
  [
    'more than 8000 characters',
    command({
      options: times(4, (index) =>
        option({
          name: `o${index}`,
          choices: times(25, (number) => ({ name: `${number}`.padEnd(50), value: `${number}`.padEnd(50) })),
        }),
      ),
    }),
    /maximum size \(8000\)/,
  ],
];

describe('an invalid command is refused with 50035, and recorded', () => {
  test.each(REFUSED)('%s', async (_name, definition, reason) => {
    const before = discord.violations.length;
    expect(await put([definition])).toMatchObject({ status: 400, body: { code: 50035 } });
    expect(discord.violations).toHaveLength(before + 1);
    expect(discord.violations.at(-1)?.detail).toMatch(reason);
  });

  test('contexts of a command of one server', async () => {
    const scope = `/guilds/${server.id}`;
    expect(await put([command({ contexts: [0] })], scope)).toMatchObject({ body: { code: 50035 } });
    expect(await put([command()], scope)).toMatchObject({ status: 200 });
  });
});

test.each([
  ['101 slash commands', () => times(101, (index) => command({ name: `c${index}` })), 30032],
  [
    '16 entries in the menu of a message',
    () => times(16, (index) => ({ type: 3, name: `c${index}` })),
    30032,
  ],
  ['a name twice', () => [command(), command()], 40041],
])('%s are refused', async (_name, commands, code) => {
  expect(await put(commands())).toMatchObject({ status: 400, body: { code } });
  expect(discord.violations.at(-1)?.rule).toContain(String(code));
});

test('a body that is no list, and a server that the bot is not in', async () => {
  expect(await put({})).toMatchObject({ status: 400, body: { code: 50035 } });
  const elsewhere = discord.addServer({ botIsMember: false });
  expect(await put([], `/guilds/${elsewhere.id}`)).toMatchObject({ status: 403, body: { code: 50001 } });
  expect(await put([], '/guilds/81384788765712384')).toMatchObject({ status: 403, body: { code: 50001 } });
});

test("an Activity's entry point is one, for all servers, and is not lost in passing", async () => {
  const entryPoint = { type: 4, name: 'Launch', handler: 2 };
  const added = await bot.call('POST', `${path}/commands`, entryPoint);
  expect(added).toMatchObject({ status: 201, body: { type: 4 } });
  expect(await put([command()])).toMatchObject({ status: 400, body: { code: 50240 } });
  expect(discord.violations.at(-1)?.rule).toContain('50240');
  expect((await put([command(), entryPoint])).status).toBe(200);
  expect((await put([entryPoint, { type: 4, name: 'Start' }])).body.code).toBe(30032);
  expect(await put([entryPoint], `/guilds/${server.id}`)).toMatchObject({ body: { code: 50035 } });
  expect((await bot.call('DELETE', `${path}/commands/${String(added.body.id)}`)).status).toBe(204);
});

test('the 201st command of a day is refused', async () => {
  const scope = `/guilds/${discord.addServer().id}`;
  const some = (first: number): Json[] => times(100, (index) => command({ name: `c${first + index}` }));
  expect((await put(some(0), scope)).status).toBe(200);
  expect((await put(some(0), scope)).status).toBe(200);
  expect((await put(some(100), scope)).status).toBe(200);
  expect((await put([command()], scope)).body.code).toBe(30034);
});
