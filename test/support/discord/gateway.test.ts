import { afterEach, beforeEach, expect, test } from 'vitest';
import { PERMISSION } from './permissions.js';
import { RawBot } from './raw-bot.js';
import { StrictDiscord } from './strict-discord.js';

const PRIVILEGED = [1 << 1, 1 << 8, 1 << 15];

let discord: StrictDiscord;
let bot: RawBot;

beforeEach(async () => {
  discord = await StrictDiscord.start();
  bot = new RawBot(discord);
});

afterEach(async () => {
  await discord.close();
});

test.each(PRIVILEGED)('the privileged intent %i is refused', async (intent) => {
  await bot.connect();
  bot.identify({ intents: 1 | intent });
  expect(await bot.closed()).toBe(4014);
});

test.each<[string, object, number]>([
  ['a wrong token', { token: 'x' }, 4004],
  ['intents that there are not', { intents: 1 << 30 }, 4013],
  ['no intents', { intents: undefined }, 4013],
  ['no properties', { properties: undefined }, 4002],
])('IDENTIFY with %s is refused', async (_name, change, code) => {
  await bot.connect();
  bot.identify({ ...change });
  expect(await bot.closed()).toBe(code);
});

test('IDENTIFY twice, an unknown operation, one before IDENTIFY, and what is no JSON', async () => {
  await bot.logIn();
  bot.identify();
  expect(await bot.closed()).toBe(4005);
  await bot.logIn();
  bot.send(99, {});
  expect(await bot.closed()).toBe(4001);
  await bot.connect();
  bot.send(3, {});
  expect(await bot.closed()).toBe(4003);
  await bot.connect();
  bot.sendText('{');
  expect(await bot.closed()).toBe(4002);
});

test('another version of the API is refused', async () => {
  await bot.connect('v=9&encoding=json');
  expect(await bot.closed()).toBe(4012);
});

test('heartbeats are acknowledged, and who stops is cut off', async () => {
  const impatient = await StrictDiscord.start({ heartbeatMs: 200 });
  const silent = new RawBot(impatient);
  await silent.logIn();
  silent.send(1, null);
  await silent.operation(11);
  expect(await silent.closed()).toBe(4009);
  await impatient.close();
});

test('more than 120 messages in a minute are too many', async () => {
  await bot.logIn();
  for (let count = 0; count < 120; count++) {
    bot.send(3, {});
  }
  expect(await bot.closed()).toBe(4008);
});

test('READY tells of servers, and GUILD_CREATE of what is in them', async () => {
  const server = discord.addServer({ name: 'Home' });
  const thread = server.addChannel({ name: 'aside', parent: server.channel });
  discord.addServer({ botIsMember: false });
  await bot.logIn();
  expect(await bot.event('READY')).toMatchObject({
    v: 10,
    user: { id: discord.applicationId, bot: true },
    guilds: [{ id: server.id, unavailable: true }],
    application: { id: discord.applicationId },
  });
  expect(await bot.event('GUILD_CREATE')).toMatchObject({
    name: 'Home',
    channels: [{ id: server.channel.id }],
    threads: [{ id: thread.id, parent_id: server.channel.id }],
  });
  const later = discord.addServer({ name: 'Later' });
  await expect.poll(() => bot.event('GUILD_CREATE')).toMatchObject({ id: later.id });
});

test('a channel that the bot may not view is told of without its name, and a thread of it not at all', async () => {
  const server = discord.addServer();
  const hidden = server.addChannel({ name: 'secret', appPermissions: PERMISSION.sendMessages });
  server.addChannel({ name: 'plans', parent: hidden });
  await bot.logIn();
  const { channels, threads } = await bot.event('GUILD_CREATE');
  expect(channels).toMatchObject([
    { id: server.channel.id, name: 'general', flags: 0 },
    { id: hidden.id, name: '___hidden___', type: 0, flags: 1 << 17 },
  ]);
  expect(threads).toEqual([]);

  bot.events.length = 0;
  server.addChannel({ name: 'later', appPermissions: 0n });
  server.addChannel({ name: 'aside', parent: hidden });
  server.addChannel({ name: 'seen' });
  await expect
    .poll(() => bot.events.map(({ t, d }) => [t, d.name]))
    .toEqual([
      ['CHANNEL_CREATE', '___hidden___'],
      ['CHANNEL_CREATE', 'seen'],
    ]);
  expect(await bot.call('GET', `/channels/${hidden.id}`)).toMatchObject({
    status: 403,
    body: { code: 50001 },
  });
});

test('a message is read by who may read the history of its channel', async () => {
  const server = discord.addServer();
  const author = discord.addMember({ server });
  const { id, channel } = discord.postMessage({ channel: server.channel, author, content: 'hi' });
  const path = `/channels/${channel.id}/messages/${id}`;
  expect(await bot.call('GET', path)).toMatchObject({ status: 200, body: { content: 'hi' } });
  channel.appPermissions &= ~PERMISSION.readMessageHistory;
  expect(await bot.call('GET', path)).toMatchObject({ status: 403, body: { code: 50013 } });
});

test('a private thread that the bot is not in is not told of, but by an interaction in it', async () => {
  const server = discord.addServer();
  const thread = server.addChannel({ name: 'two of us', parent: server.channel, private: true });
  await bot.logIn();
  expect(await bot.event('GUILD_CREATE')).toMatchObject({ threads: [] });
  await bot.call('PUT', `/applications/${discord.applicationId}/commands`, [
    { name: 'go', description: 'x' },
  ]);
  bot.events.length = 0;
  const later = server.addChannel({ parent: server.channel, private: true });
  const member = discord.addMember({ server });
  const interaction = await member.slash('go', {}, { channel: thread });
  expect(await bot.event('INTERACTION_CREATE')).toMatchObject({
    channel: { id: thread.id, type: 12, parent_id: server.channel.id },
  });
  expect(bot.events.map(({ t }) => t)).toEqual(['INTERACTION_CREATE']);
  await bot.respond(interaction, { type: 5 });
  expect(await bot.call('GET', `/channels/${later.id}`)).toMatchObject({
    status: 403,
    body: { code: 50001 },
  });
  expect(() => server.addChannel({ private: true })).toThrow('Only threads');
});

test('a session is resumed with what was missed; an unknown one, or a number from the future, is not', async () => {
  await bot.logIn();
  const { session_id } = await bot.event('READY');
  const token = discord.token;
  bot.events.length = 0;
  await discord.dropGateway();
  const server = discord.addServer();
  await bot.connect();
  bot.send(6, { token, session_id, seq: 1 });
  await bot.event('RESUMED');
  expect(bot.events.map(({ t, s }) => [t, s])).toEqual([
    ['GUILD_CREATE', 2],
    ['RESUMED', 2],
  ]);
  expect(bot.events[0].d.id).toBe(server.id);

  await discord.dropGateway();
  await bot.connect();
  bot.send(6, { token, session_id, seq: 9 });
  expect(await bot.closed()).toBe(4007);

  await bot.connect();
  bot.send(6, { token, session_id: 'x', seq: 1 });
  await bot.operation(9);
  bot.close();
});

test('a session that was dropped for good, or left by the bot, can not be resumed', async () => {
  await bot.logIn();
  const { session_id } = await bot.event('READY');
  await discord.dropGateway({ resumable: false });
  await bot.connect();
  bot.send(6, { token: discord.token, session_id, seq: 1 });
  await bot.operation(9);
  bot.identify();
  await expect.poll(() => discord.intents).toEqual([1]);
  bot.close(1000);
  await expect.poll(() => discord.intents).toEqual([]);
});

test('a bot can be asked to connect anew', async () => {
  await bot.logIn();
  discord.askToReconnect();
  await bot.operation(7);
});

test('a bot of many servers has to divide them, into shards that there are', async () => {
  const large = await StrictDiscord.start({ shards: 2 });
  const divided = new RawBot(large);
  expect((await divided.call('GET', '/gateway/bot')).body).toMatchObject({ shards: 2 });
  for (const [shard, code] of [
    [[0, 1], 4011],
    [undefined, 4011],
    [[2, 2], 4010],
    [[-1, 2], 4010],
    ['0', 4010],
  ] as const) {
    await divided.connect();
    divided.identify({ shard });
    expect(await divided.closed()).toBe(code);
  }
  await divided.connect();
  divided.identify({ shard: [1, 2] });
  expect(await divided.event('READY')).toMatchObject({ shard: [1, 2] });
  await large.close();
});

test('a shard hears of its servers alone', async () => {
  const large = await StrictDiscord.start({ shards: 2 });
  const first = new RawBot(large);
  const second = new RawBot(large);
  for (const [index, shard] of [first, second].entries()) {
    await shard.connect();
    shard.identify({ shard: [index, 2] });
    await shard.event('READY');
  }
  const { id } = large.addServer();
  const [hears, doesNot] = (BigInt(id) >> 22n) % 2n === 0n ? [first, second] : [second, first];
  expect(await hears.event('GUILD_CREATE')).toMatchObject({ id });
  expect(doesNot.events.map(({ t }) => t)).toEqual(['READY']);
  await large.close();
});

test('sessions are counted, and who begins too many has its token taken away', async () => {
  const busy = await StrictDiscord.start({ sessionStarts: 1 });
  const restless = new RawBot(busy);
  await restless.logIn();
  expect((await restless.call('GET', '/gateway/bot')).body).toMatchObject({
    session_start_limit: { remaining: 0 },
  });
  await restless.connect();
  restless.identify();
  expect(await restless.closed()).toBe(4004);
  await busy.close();
});

test('servers can come slowly, in an outage not at all, and after it like new ones', async () => {
  const slow = await StrictDiscord.start({ serverEveryMs: 300 });
  const patient = new RawBot(slow);
  const away = slow.addServer({ unavailable: true });
  const [first, second] = [slow.addServer(), slow.addServer()];
  await patient.logIn();
  const named = (await patient.event('READY')).guilds as { id: string }[];
  expect(named.map(({ id }) => id)).toEqual([away.id, first.id, second.id]);
  const came = (): unknown[] => patient.events.filter(({ t }) => t === 'GUILD_CREATE').map(({ d }) => d.id);
  await patient.event('GUILD_CREATE');
  expect(came()).toEqual([first.id]);
  await expect.poll(came).toEqual([first.id, second.id]);
  slow.welcome(away);
  await expect.poll(came).toEqual([first.id, second.id, away.id]);
  await slow.close();
});

test.each([
  [4000, true],
  [1006, true],
  [4004, false],
  [4009, false],
  [4014, false],
])('connections can be ended with %i, after which a session goes on: %s', async (code, goesOn) => {
  await bot.logIn();
  await discord.closeGateway(code);
  expect(await bot.closed()).toBe(code);
  expect(discord.intents).toHaveLength(goesOn ? 1 : 0);
});
