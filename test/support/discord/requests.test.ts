import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RawBot, type RawAnswer } from './raw-bot.js';
import { Stage } from './stage.js';
import { StrictDiscord } from './strict-discord.js';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open({ firstResponseMs: 10_000, requestsPerSecond: 1000 });
});

beforeEach(() => {
  stage.begin();
});

afterAll(async () => {
  await stage.close();
});

test.each([
  ['a channel', '/channels/81384788765712384', 404, 10003],
  ['a message', `/channels/CHANNEL/messages/81384788765712384`, 404, 10008],
  ['a user', '/users/81384788765712384', 404, 10013],
  ['a server', '/guilds/81384788765712384', 403, 50001],
  ['an application', '/applications/81384788765712384/commands', 404, 10002],
  ['a route', '/nowhere', 404, 0],
])('%s that is not there', async (_name, path, status, code) => {
  const answer = await stage.bot.call('GET', path.replace('CHANNEL', stage.server.channel.id));
  expect(answer).toMatchObject({ status, body: { code } });
  expect(stage.newViolations()).toHaveLength(1);
});

test('a wrong token is refused, and counts as an invalid request', async () => {
  const before = stage.discord.invalidRequests;
  expect(await stage.bot.call('GET', '/users/@me', undefined, { token: 'x' })).toMatchObject({
    status: 401,
    body: { message: '401: Unauthorized' },
  });
  expect(stage.discord.invalidRequests).toBe(before + 1);
});

test('failures that are played come in place of the answer, as often as was said', async () => {
  stage.discord.failNext({ method: 'GET', route: /@me/, times: 2 }, { status: 502, body: 'bad', afterMs: 5 });
  const get = async (): Promise<number> =>
    (
      await fetch(`${stage.discord.apiUrl}/v10/users/@me`, {
        headers: { authorization: `Bot ${stage.discord.token}` },
      })
    ).status;
  expect([await get(), await get(), await get()]).toEqual([502, 502, 200]);
  stage.discord.failNext({ route: /@me/ }, 'drop the connection');
  await expect(get()).rejects.toThrow('fetch failed');
  expect(stage.discord.requests.at(-2)).toMatchObject({ method: 'GET', route: '/users/@me', status: 200 });
  expect(stage.newViolations()).toEqual([]);
});

test('a request whose answer is lost is carried out, and may be sent again', async () => {
  stage.discord.failNext({ method: 'POST', route: /callback/ }, 'lose the answer');
  const interaction = await stage.member.slash('go');
  await expect(stage.bot.respond(interaction, { type: 5 })).rejects.toThrow('fetch failed');
  expect(await interaction.acknowledged).toMatchObject({ type: 5 });
  expect(await stage.bot.respond(interaction, { type: 5 })).toMatchObject({
    status: 400,
    body: { code: 40060 },
  });
  expect(stage.newViolations()).toEqual([]);
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
  stage.discord.rateLimit({ method: 'PATCH', route: /^\/webhooks\// }, { limit: 5, perMs: 500 });
  const interaction = await stage.answered();
  const edit = (): ReturnType<RawBot['webhook']> =>
    stage.bot.webhook('PATCH', interaction, '@original', { content: 'x' });
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

describe('out of time', () => {
  test('a late first response finds no interaction, and its absence is told', async () => {
    const stage = await Stage.open({ firstResponseMs: 30 });
    const interaction = await stage.member.slash('go');
    await expect(interaction.acknowledged).rejects.toThrow('/go got no response within 30 ms');
    await sleep(10);
    expect(await stage.bot.respond(interaction, { type: 5 })).toMatchObject({
      status: 404,
      body: { code: 10062 },
    });
    expect(stage.newViolations().map((violation) => violation.split(' ')[0])).toEqual(['no', '10062']);
    await stage.close();
  });

  test('a token that is too old is not accepted', async () => {
    const stage = await Stage.open({ tokenLifeMs: 30 });
    const interaction = await stage.answered();
    await sleep(40);
    expect(await stage.bot.webhook('PATCH', interaction, '@original', { content: 'x' })).toMatchObject({
      status: 401,
      body: { code: 50027 },
    });
    expect(stage.newViolations()[0]).toMatch(/^50027/);
    await stage.close();
  });

  test('too many invalid requests are a violation', async () => {
    const stage = await Stage.open({ invalidRequestLimit: 2 });
    for (let count = 0; count < 3; count++) {
      await stage.bot.call('GET', '/users/@me', undefined, { token: 'x' });
    }
    await expect.poll(() => stage.newViolations().at(-1)).toMatch(/^too many invalid requests/);
    await stage.close();
  });
});
