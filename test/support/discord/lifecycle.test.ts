import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { KIND, type Interaction } from './interaction.js';
import type { Json } from './json.js';
import { PERMISSION } from './permissions.js';
import { RawBot, type RawAnswer } from './raw-bot.js';
import { StrictDiscord, type Member, type Server } from './strict-discord.js';

const V2 = 1 << 15;

let discord: StrictDiscord;
let bot: RawBot;
let server: Server;
let member: Member;
let seen: number;

const COMMANDS = [
  {
    name: 'go',
    description: 'Goes',
    options: [
      { type: 3, name: 'word', description: 'A word', autocomplete: true },
      { type: 10, name: 'number', description: 'A number', autocomplete: true },
    ],
  },
];
const ROW = { type: 1, components: [{ type: 2, style: 1, label: 'Go', custom_id: 'go' }] };
const MODAL = {
  custom_id: 'form',
  title: 'A form',
  components: [{ type: 18, label: 'Words', component: { type: 4, custom_id: 'words', style: 1 } }],
};

async function start(options: object): Promise<void> {
  discord = await StrictDiscord.start(options);
  server = discord.addServer();
  member = discord.addMember({ server });
  bot = new RawBot(discord);
  await bot.logIn();
  await bot.call('PUT', `/applications/${discord.applicationId}/commands`, COMMANDS);
}

const newViolations = (): string[] =>
  discord.violations.slice(seen).map(({ rule, detail }) => `${rule} ${detail}`);

beforeEach(() => {
  seen = discord.violations.length;
});

/** A slash command that got a message as its response. */
async function answered(data: Json = { content: 'hi', components: [ROW] }): Promise<Interaction> {
  const interaction = await member.slash('go');
  expect(await bot.respond(interaction, { type: 4, data })).toMatchObject({ status: 204 });
  return interaction;
}

async function clicked(): Promise<Interaction> {
  return member.click(await (await answered()).settled(), 'Go');
}

describe('within the time', () => {
  beforeAll(() => start({ firstResponseMs: 10_000, requestsPerSecond: 1000 }));

  afterAll(async () => {
    bot.close();
    await discord.close();
  });

  test('a response with_response tells of the message', async () => {
    const interaction = await member.slash('go');
    const path = `/interactions/${interaction.id}/${interaction.token}/callback?with_response=true`;
    const { status, body } = await bot.call('POST', path, { type: 4, data: { content: 'hi', flags: 64 } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      interaction: { id: interaction.id, type: 2, response_message_ephemeral: true },
      resource: { type: 4, message: { content: 'hi', flags: 64, type: 20 } },
    });
    expect(newViolations()).toEqual([]);
  });

  test('the payload is complete', async () => {
    await answered();
    expect(await bot.event('INTERACTION_CREATE')).toMatchObject({
      application_id: discord.applicationId,
      type: KIND.command,
      version: 1,
      locale: 'en-US',
      guild_locale: 'en-US',
      guild_id: server.id,
      channel: { id: server.channel.id, type: 0 },
      member: { user: { id: member.id }, roles: [], permissions: expect.stringMatching(/^\d+$/) as string },
      app_permissions: expect.stringMatching(/^\d+$/) as string,
      context: 0,
      entitlements: [],
      attachment_size_limit: 10 * 2 ** 20,
      authorizing_integration_owners: { '0': server.id },
      data: { name: 'go', type: 1, options: [] },
    });
  });

  test('a second response is refused', async () => {
    const interaction = await answered();
    expect(await bot.respond(interaction, { type: 5 })).toMatchObject({ status: 400, body: { code: 40060 } });
    expect(newViolations()[0]).toMatch(/^40060/);
  });

  test('an unknown interaction is refused', async () => {
    const { token } = await answered();
    expect(await bot.respond({ id: '81384788765712384', token }, { type: 5 })).toMatchObject({
      status: 404,
      body: { code: 10062 },
    });
    expect(newViolations()[0]).toMatch(/^10062/);
  });

  test.each<[string, () => Promise<Interaction>, Json]>([
    [
      'a change of a message to a slash command',
      () => member.slash('go'),
      { type: 7, data: { content: 'x' } },
    ],
    ['a deferred change to a slash command', () => member.slash('go'), { type: 6 }],
    ['completions to a slash command', () => member.slash('go'), { type: 8, data: { choices: [] } }],
    ['completions to a button', clicked, { type: 8, data: { choices: [] } }],
    ['a form to a form', submitted, { type: 9, data: MODAL }],
    ['an unknown type', () => member.slash('go'), { type: 3 }],
    ['no type', () => member.slash('go'), {}],
  ])('%s is refused', async (_name, begin, response) => {
    const interaction = await begin();
    expect(await bot.respond(interaction, response)).toMatchObject({ status: 400, body: { code: 50035 } });
    expect(newViolations()).toHaveLength(1);
    await bot.respond(interaction, { type: 5 });
  });

  async function submitted(): Promise<Interaction> {
    const interaction = await member.slash('go');
    await bot.respond(interaction, { type: 9, data: MODAL });
    return member.submit(await interaction.modal, { words: 'x' });
  }

  test.each<[string, number]>([
    ['Components V2', V2],
    ['embeds suppressed', 4],
    ['ephemeral and Components V2', 64 | V2],
  ])('deferring with the flag of %s is refused', async (_name, flags) => {
    const interaction = await member.slash('go');
    expect(await bot.respond(interaction, { type: 5, data: { flags } })).toMatchObject({
      body: { code: 50035 },
    });
    expect(newViolations()[0]).toContain('MESSAGE_FLAGS_INVALID');
    await bot.respond(interaction, { type: 5, data: { flags: 64 } });
    expect((await interaction.acknowledged).ephemeral).toBe(true);
  });

  test('an edit can not change who sees a message', async () => {
    const interaction = await member.slash('go');
    await bot.respond(interaction, { type: 5 });
    const edit = await bot.webhook('PATCH', interaction, '@original', { content: 'x', flags: 64 });
    expect(edit).toMatchObject({ status: 400, body: { code: 50035 } });
    expect(newViolations()[0]).toContain('MESSAGE_FLAGS_INVALID');
  });

  test('a wrong completion is refused', async () => {
    const many = Array.from({ length: 26 }, (_, index) => ({ name: `${index}`, value: 'x' }));
    const wrong: [string, Json[]][] = [
      ['word', many],
      ['word', [{ name: 'x'.repeat(101), value: 'x' }]],
      ['word', [{ name: '', value: 'x' }]],
      ['word', [{ name: 'x', value: 'x'.repeat(101) }]],
      ['word', [{ name: 'x', value: 7 }]],
      ['number', [{ name: 'x', value: 'x' }]],
    ];
    for (const [option, choices] of wrong) {
      bot.events.length = 0;
      const completing = member.autocomplete('go', { [option]: option === 'word' ? 'x' : 7 }, option);
      const interaction = (await bot.event('INTERACTION_CREATE')) as unknown as { id: string; token: string };
      expect(await bot.respond(interaction, { type: 8, data: { choices } })).toMatchObject({
        status: 400,
        body: { code: 50035 },
      });
      await bot.respond(interaction, { type: 8, data: { choices: [] } });
      expect(await completing).toEqual([]);
    }
    expect(newViolations()).toHaveLength(wrong.length);
  });

  test.each<[string, Json]>([
    ['a title of 46', { title: 'x'.repeat(46) }],
    ['no title', { title: undefined }],
    ['no custom id', { custom_id: undefined }],
    ['six parts', { components: Array.from({ length: 6 }, () => ({ type: 10, content: 'x' })) }],
    ['no parts', { components: [] }],
    ['a label of 46', { components: [{ ...MODAL.components[0], label: 'x'.repeat(46) }] }],
    ['a button', { components: [ROW] }],
    ['a bare text input', { components: [{ type: 4, custom_id: 'words', style: 1 }] }],
    ['a style of 3', input({ style: 3 })],
    ['a placeholder of 101', input({ placeholder: 'x'.repeat(101) })],
    ['a maximum of 4001', input({ max_length: 4001 })],
    ['a maximum of 0', input({ max_length: 0 })],
    ['a minimum above the maximum', input({ min_length: 5, max_length: 4 })],
    ['a disabled field', input({ disabled: true })],
    ['a value above the maximum', input({ max_length: 2, value: 'xxx' })],
    ['one custom id twice', { components: [MODAL.components[0], MODAL.components[0]] }],
    ['one radio button', input({ type: 21, options: [{ label: 'a', value: 'a' }] })],
    ['eleven files', input({ type: 19, max_values: 11 })],
    [
      'a required menu with no values',
      input({ type: 3, min_values: 0, options: [{ label: 'a', value: 'a' }] }),
    ],
  ])('a form with %s is refused', async (_name, change) => {
    const interaction = await member.slash('go');
    const data = { ...MODAL, ...change };
    expect(await bot.respond(interaction, { type: 9, data })).toMatchObject({
      status: 400,
      body: { code: 50035 },
    });
    expect(newViolations()).toHaveLength(1);
    await bot.respond(interaction, { type: 5 });
  });

  function input(change: Json): Json {
    const field = { type: 4, custom_id: 'words', style: 1, ...change };
    return { components: [{ type: 18, label: 'Words', component: field }] };
  }

  test('the first follow-up after deferring takes the place of the placeholder', async () => {
    const interaction = await member.slash('go');
    await bot.respond(interaction, { type: 5, data: { flags: 64 } });
    const { body } = await bot.webhook('POST', interaction, undefined, {
      flags: V2 | 64,
      components: [{ type: 10, content: 'x' }],
    });
    expect(body).toMatchObject({ id: interaction.original?.id, flags: 64 | V2 });
    expect(interaction.followUps).toEqual([]);
    await bot.webhook('POST', interaction, undefined, { content: 'y' });
    expect(interaction.followUps.map(({ content, ephemeral }) => [content, ephemeral])).toEqual([
      ['y', false],
    ]);
  });

  test('a token of nobody, a response that is not there yet, and a message of another interaction', async () => {
    expect(await bot.webhook('PATCH', { token: 'x' }, '@original', {})).toMatchObject({
      status: 404,
      body: { code: 10015 },
    });
    const early = await member.slash('go');
    expect(await bot.webhook('PATCH', early, '@original', { content: 'x' })).toMatchObject({
      body: { code: 10015 },
    });
    await bot.respond(early, { type: 5 });
    const other = await answered();
    expect(await bot.webhook('GET', early, other.original?.id ?? '')).toMatchObject({
      status: 404,
      body: { code: 10008 },
    });
    expect(newViolations()).toHaveLength(3);
  });

  test('asking again for what is gone is a violation, asking once for what others deleted is none', async () => {
    const interaction = await answered();
    discord.deleteMessage(await interaction.settled());
    const edit = (): Promise<{ body: Json }> =>
      bot.webhook('PATCH', interaction, '@original', { content: 'x' });
    expect((await edit()).body.code).toBe(10008);
    expect(newViolations()).toEqual([]);
    expect((await edit()).body.code).toBe(10008);
    expect(newViolations()[0]).toMatch(/^repeated a request/);
  });

  test('files need the permission to attach them', async () => {
    const channel = server.addChannel({ appPermissions: PERMISSION.viewChannel });
    const interaction = await member.slash('go', {}, { channel });
    await bot.respond(interaction, { type: 5 });
    const body = { content: 'x', attachments: [{ id: '0', description: 'x' }] };
    const files = [{ name: 'a.txt', bytes: Buffer.from('x') }];
    expect(await bot.webhook('PATCH', interaction, '@original', body, files)).toMatchObject({
      status: 403,
      body: { code: 50013 },
    });
    expect(newViolations()[0]).toMatch(/^50013/);
  });

  test('the limit for files is that of the server', async () => {
    const small = discord.addServer({ attachmentSizeLimit: 3 });
    const interaction = await discord.addMember({ server: small }).slash('go');
    await bot.respond(interaction, { type: 5 });
    const body = { attachments: [{ id: '0' }] };
    const files = [{ name: 'a.txt', bytes: Buffer.from('four') }];
    expect(await bot.webhook('PATCH', interaction, '@original', body, files)).toMatchObject({
      status: 413,
      body: { code: 40005 },
    });
  });

  test('where only the member has the app there are five follow-ups, and no way around the interaction', async () => {
    const elsewhere = discord.addServer({ botIsMember: false });
    const guest = discord.addMember({ server: elsewhere });
    const interaction = await guest.slash('go');
    discord.rateLimit({ route: /^\/webhooks\// }, { limit: 100, perMs: 1000 });
    await bot.respond(interaction, { type: 4, data: { content: 'x' } });
    for (let count = 0; count < 5; count++) {
      expect((await bot.webhook('POST', interaction, undefined, { content: 'x' })).status).toBe(200);
    }
    expect(await bot.webhook('POST', interaction, undefined, { content: 'x' })).toMatchObject({
      status: 400,
      body: { code: 40094 },
    });
    const path = `/channels/${elsewhere.channel.id}/messages`;
    expect(await bot.call('POST', path, { content: 'x' })).toMatchObject({
      status: 403,
      body: { code: 50001 },
    });
    expect(newViolations()).toHaveLength(2);
  });

  test('an ephemeral message is not reached through its channel', async () => {
    const interaction = await answered({ content: 'x', flags: 64 });
    const { id = '' } = interaction.original ?? {};
    const path = `/channels/${server.channel.id}/messages/${id}`;
    expect(await bot.call('DELETE', path)).toMatchObject({ status: 404, body: { code: 10008 } });
    expect(newViolations()).toHaveLength(1);
    expect((await bot.webhook('DELETE', interaction, '@original')).status).toBe(204);
    expect(interaction.message()).toBeUndefined();
  });

  test('messages of others are not edited, and deleted by moderators alone', async () => {
    const { channel } = server;
    const { id } = discord.postMessage({ channel, author: member, content: 'x' });
    const path = `/channels/${channel.id}/messages/${id}`;
    expect(await bot.call('PATCH', path, { content: 'y' })).toMatchObject({
      status: 403,
      body: { code: 50005 },
    });
    expect(await bot.call('DELETE', path)).toMatchObject({ status: 403, body: { code: 50013 } });
    expect(newViolations()).toHaveLength(2);
  });

  test.each([
    ['a channel', '/channels/81384788765712384', 404, 10003],
    ['a message', `/channels/CHANNEL/messages/81384788765712384`, 404, 10008],
    ['a user', '/users/81384788765712384', 404, 10013],
    ['a server', '/guilds/81384788765712384', 403, 50001],
    ['an application', '/applications/81384788765712384/commands', 404, 10002],
    ['a route', '/nowhere', 404, 0],
  ])('%s that is not there', async (_name, path, status, code) => {
    const answer = await bot.call('GET', path.replace('CHANNEL', server.channel.id));
    expect(answer).toMatchObject({ status, body: { code } });
    expect(newViolations()).toHaveLength(1);
  });

  test('a wrong token is refused, and counts as an invalid request', async () => {
    const before = discord.invalidRequests;
    expect(await bot.call('GET', '/users/@me', undefined, { token: 'x' })).toMatchObject({
      status: 401,
      body: { message: '401: Unauthorized' },
    });
    expect(discord.invalidRequests).toBe(before + 1);
  });

  test('failures that are played come in place of the answer, as often as was said', async () => {
    discord.failNext({ method: 'GET', route: /@me/, times: 2 }, { status: 502, body: 'bad', afterMs: 5 });
    const get = async (): Promise<number> =>
      (await fetch(`${discord.apiUrl}/v10/users/@me`, { headers: { authorization: `Bot ${discord.token}` } }))
        .status;
    expect([await get(), await get(), await get()]).toEqual([502, 502, 200]);
    discord.failNext({ route: /@me/ }, 'drop the connection');
    await expect(get()).rejects.toThrow('fetch failed');
    expect(discord.requests.at(-2)).toMatchObject({ method: 'GET', route: '/users/@me', status: 200 });
    expect(newViolations()).toEqual([]);
  });

  test('a bot is limited to so many requests a second, but for answers to interactions', async () => {
    const other = await StrictDiscord.start({ requestsPerSecond: 2 });
    const hasty = new RawBot(other);
    const get = (): Promise<RawAnswer> => hasty.call('GET', '/users/@me');
    expect([(await get()).status, (await get()).status]).toEqual([200, 200]);
    const { status, body, headers } = await get();
    expect(status).toBe(429);
    expect(body).toMatchObject({ global: true });
    expect(headers.get('x-ratelimit-global')).toBe('true');
    expect((await hasty.webhook('PATCH', { token: 'x' }, '@original', {})).status).toBe(404);
    expect(other.invalidRequests).toBe(1);
    await other.close();
  });

  test('messages of a webhook are limited to five in two seconds, and the bot is told so', async () => {
    discord.rateLimit({ method: 'PATCH', route: /^\/webhooks\// }, { limit: 5, perMs: 500 });
    const interaction = await answered();
    const edit = (): ReturnType<RawBot['webhook']> =>
      bot.webhook('PATCH', interaction, '@original', { content: 'x' });
    for (let left = 4; left >= 0; left--) {
      const { headers } = await edit();
      expect([headers.get('x-ratelimit-limit'), headers.get('x-ratelimit-remaining')]).toEqual([
        '5',
        `${left}`,
      ]);
    }
    const { status, body, headers } = await edit();
    expect(status).toBe(429);
    expect(body).toMatchObject({ global: false, retry_after: expect.any(Number) as number });
    expect(headers.get('retry-after')).toBe('1');
    await sleep(510);
    expect((await edit()).status).toBe(200);
  });
});

describe('out of time', () => {
  test('a late first response finds no interaction, and its absence is told', async () => {
    await start({ firstResponseMs: 30 });
    seen = 0;
    const interaction = await member.slash('go');
    await expect(interaction.acknowledged).rejects.toThrow('/go got no response within 30 ms');
    await sleep(10);
    expect(await bot.respond(interaction, { type: 5 })).toMatchObject({ status: 404, body: { code: 10062 } });
    expect(newViolations().map((violation) => violation.split(' ')[0])).toEqual(['no', '10062']);
    bot.close();
    await discord.close();
  });

  test('a token that is too old is not accepted', async () => {
    await start({ tokenLifeMs: 30 });
    seen = 0;
    const interaction = await answered();
    await sleep(40);
    expect(await bot.webhook('PATCH', interaction, '@original', { content: 'x' })).toMatchObject({
      status: 401,
      body: { code: 50027 },
    });
    expect(newViolations()[0]).toMatch(/^50027/);
    bot.close();
    await discord.close();
  });

  test('too many invalid requests are a violation', async () => {
    await start({ invalidRequestLimit: 2 });
    seen = 0;
    for (let count = 0; count < 3; count++) {
      await bot.call('GET', '/users/@me', undefined, { token: 'x' });
    }
    await expect.poll(() => newViolations().at(-1)).toMatch(/^too many invalid requests/);
    bot.close();
    await discord.close();
  });
});
