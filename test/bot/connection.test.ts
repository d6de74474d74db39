import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createClient } from '../../src/bot/client.js';
import { Connection } from '../../src/bot/connection.js';
import { readConfig, type DiscordConfig } from '../../src/config.js';
import { PassingError, UserError } from '../../src/errors.js';
import { createLogger } from '../../src/monitoring/log.js';
import { asShown } from '../support/as-shown.js';
import { startBot, type BotUnderTest } from '../support/bot-under-test.js';
import {
  StrictDiscord,
  type Interaction,
  type Server,
  type StrictDiscordOptions,
} from '../support/discord/strict-discord.js';
import { redCircle } from '../support/drawn-pictures.js';

const WITHIN = { timeout: 20_000 };

async function startDiscord(options: StrictDiscordOptions = {}): Promise<StrictDiscord> {
  const discord = await StrictDiscord.start(options);
  onTestFinished(() => discord.close());
  return discord;
}

function configFor({ token, apiUrl }: Pick<StrictDiscord, 'token' | 'apiUrl'>): DiscordConfig {
  return readConfig({ DISCORD_TOKEN: token, DISCORD_API_URL: apiUrl }).discord;
}

async function open(discord: Pick<StrictDiscord, 'token' | 'apiUrl'>): Promise<Connection> {
  const config = configFor(discord);
  const connection = await Connection.open(createClient(config), {
    discord: config,
    token: discord.token,
    log: createLogger('silent'),
  });
  onTestFinished(() => connection.close());
  return connection;
}

async function refusalOf(opening: Promise<unknown>): Promise<unknown> {
  return opening.then(
    () => 'opened',
    (error: unknown) => error,
  );
}

async function start(
  settings: Record<string, string> = {},
  options: StrictDiscordOptions = {},
): Promise<BotUnderTest> {
  const bot = await startBot(settings, options);
  onTestFinished(() => bot.close());
  return bot;
}

async function describeCircle({ discord }: BotUnderTest, server: Server): Promise<Interaction> {
  const { png } = await redCircle();
  const image = discord.upload(png, { name: 'circle.png' });
  return discord.addMember({ server }).slash('describe', { image });
}

describe('when Discord closes the connection', () => {
  test.each([4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009, 1000, 1001, 1006, 1011, 1012])(
    'with %i, it is there again',
    async (code) => {
      const discord = await startDiscord();
      const connection = await open(discord);
      await expect.poll(() => connection.ready, WITHIN).toBe(true);
      let over = false;
      void connection.ended.then(() => (over = true));
      await discord.closeGateway(code);
      await expect.poll(() => connection.ready, WITHIN).toBe(false);
      await expect.poll(() => connection.ready, WITHIN).toBe(true);
      expect(over).toBe(false);
    },
  );

  const FOR_GOOD = [
    [4004, 'mended', /DISCORD_TOKEN.*Copy the token again/],
    [4010, 'passing', /divided anew \(4010\).*The next start does so/],
    [4011, 'passing', /divided anew \(4011\).*The next start does so/],
    [4012, 'mended', /\(4012\)\. Install a newer one/],
    [4013, 'mended', /\(4013\)\. Install a newer one/],
    [4014, 'mended', /\(4014\)\. Look at the page Bot/],
  ] as const;

  test.each(FOR_GOOD)('with %i, the owner is told why: what has to be %s', async (code, kind, sentence) => {
    const discord = await startDiscord();
    const connection = await open(discord);
    await discord.closeGateway(code);
    const reason = await connection.ended;
    expect(reason).toBeInstanceOf(UserError);
    expect(reason instanceof PassingError).toBe(kind === 'passing');
    expect((reason as UserError).message).toMatch(sentence);
    expect(connection.ready).toBe(false);
  });
});

describe('a start that Discord does not let through is told in a sentence', () => {
  test('a token that the gateway does not accept', async () => {
    const discord = await startDiscord();
    const refusal = await refusalOf(open({ apiUrl: discord.apiUrl, token: 'bm90.YQ.dG9rZW4' }));
    expect(refusal).toBeInstanceOf(UserError);
    expect(refusal).not.toBeInstanceOf(PassingError);
    expect((refusal as Error).message).toMatch(/does not accept DISCORD_TOKEN/);
  });

  test('no connection left today, with the time from which there are some again', async () => {
    const discord = await startDiscord({ sessionStarts: 0 });
    const refusal = await refusalOf(open(discord));
    expect(refusal).toBeInstanceOf(PassingError);
    expect((refusal as Error).message).toMatch(/so often today .* until \d{4}-\d\d-\d\dT[\d:.]+Z\.$/);
    expect(discord.violations).toEqual([]);
  });

  test.each([
    [500, /does not answer as it should at http:\/\/127\.0\.0\.1:\d+ \(status 500\)/],
    [503, /does not answer as it should at http:\/\/127\.0\.0\.1:\d+ \(status 503\)/],
  ])('an outage (%i), which a new start may find over', async (status, sentence) => {
    const discord = await startDiscord();
    discord.failNext({ route: /gateway/, times: 10 }, { status, body: 'upstream connect error' });
    const refusal = await refusalOf(open(discord));
    expect(refusal).toBeInstanceOf(PassingError);
    expect((refusal as Error).message).toMatch(sentence);
  });

  test.each([
    [404, /is no address of its API: see DISCORD_API_URL \(status 404\)/],
    [403, /does not let this machine in \(status 403\)/],
  ])('what is not Discord, or will have nothing of this machine (%i)', async (status, sentence) => {
    const discord = await startDiscord();
    discord.failNext({ route: /gateway/ }, { status, body: '<html>' });
    const refusal = await refusalOf(open(discord));
    expect(refusal).toBeInstanceOf(UserError);
    expect((refusal as Error).message).toMatch(sentence);
  });
});

test('as many shards as Discord wants connect in one process', { timeout: 30_000 }, async () => {
  const discord = await startDiscord({ shards: 2 });
  const connection = await open(discord);
  await expect.poll(() => connection.ready, WITHIN).toBe(true);
  expect(connection.client.ws.shards.size).toBe(2);
  expect(discord.intents).toEqual([1, 1]);
});

describe('an answer needs only the shard that its question comes by', () => {
  test('and goes out before the last shard is there', { timeout: 30_000 }, async () => {
    const bot = await start({}, { shards: 3 });
    const server = await serverOfFirstShard(bot.discord, 3);
    const message = await (await describeCircle(bot, server)).settled();
    expect(asShown(message)).toBe('a red circle');
    expect(bot.bot.connected).toBe(false);
    expect(bot.discord.violations).toEqual([]);
  });

  test(
    'a shard that is closed for good ends the bot, though others are there',
    { timeout: 30_000 },
    async () => {
      const discord = await startDiscord({ shards: 2, sessionStarts: 2 });
      const connection = await open(discord);
      await expect.poll(() => connection.ready, WITHIN).toBe(true);
      await discord.dropGateway({ resumable: false });
      expect(await connection.ended).toMatchObject({
        message: expect.stringMatching(/DISCORD_TOKEN/) as string,
      });
    },
  );
});

async function serverOfFirstShard(discord: StrictDiscord, shards: number): Promise<Server> {
  for (;;) {
    const server = discord.addServer();
    if ((BigInt(server.id) >> 22n) % BigInt(shards) === 0n) {
      return server;
    }
    await sleep(1);
  }
}

describe('servers that are not there yet hold up nobody', () => {
  test('hundreds that arrive slowly: the answer goes out before the last has come in', async () => {
    const discord = await startDiscord({ serverEveryMs: 50 });
    for (let count = 0; count < 400; count++) {
      discord.addServer();
    }
    const connection = await open(discord);
    await expect.poll(() => connection.ready, WITHIN).toBe(true);
    const there = connection.client.guilds.cache.filter(({ available }) => available).size;
    expect(there).toBeLessThan(400);
  });

  test('one in an outage: the members of others, and its own, are answered at once', async () => {
    const bot = await start();
    const server = bot.discord.addServer({ unavailable: true });
    const other = bot.discord.addServer();
    await bot.restart();
    for (const place of [server, other]) {
      expect(asShown(await (await describeCircle(bot, place)).settled())).toBe('a red circle');
    }
    expect(bot.discord.violations).toEqual([]);
  });

  test('a role that is denied is denied before its server has told of its roles', async () => {
    const denied = '81384788765712384';
    const bot = await start({ DENIED_ROLES: denied });
    const server = bot.discord.addServer({ unavailable: true });
    await bot.restart();
    const { png } = await redCircle();
    const image = bot.discord.upload(png, { name: 'circle.png' });
    const member = bot.discord.addMember({ server, roles: [denied] });
    const message = await (await member.slash('describe', { image })).settled();
    expect(asShown(message)).not.toContain('circle');
  });
});

test('who the owner is is asked on the side: a Discord that does not tell ends nothing', async () => {
  const bot = await start();
  const server = bot.discord.addServer();
  await bot.stop();
  bot.discord.failNext({ route: /applications\/@me/, times: 4 }, { status: 500, body: 'upstream' });
  await bot.restart();
  expect(asShown(await (await describeCircle(bot, server)).settled())).toBe('a red circle');
});
