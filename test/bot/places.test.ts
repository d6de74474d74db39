import { PermissionFlagsBits } from 'discord.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asShown } from '../support/as-shown.js';
import { startBot, type BotUnderTest } from '../support/bot-under-test.js';
import type { Channel, Member, Server } from '../support/discord/strict-discord.js';
import { redCircle, type DrawnPicture } from '../support/drawn-pictures.js';

const NOT_ALLOWED = "I'm not allowed to answer here.";
const ROLE = '30000000000000001';

let circle: DrawnPicture;

beforeAll(async () => {
  circle = await redCircle();
});

/** What the bot says in a channel. */
async function answerIn(bot: BotUnderTest, member: Member, channel: Channel): Promise<string> {
  const image = bot.discord.upload(circle.png, { name: 'picture.png' });
  return asShown(await (await member.slash('describe', { image }, { channel })).settled());
}

/** Threads that a bot may hear of, or not, by what they are. */
const THREADS: Readonly<Record<string, (server: Server, parent: Channel) => Channel>> = {
  'a thread': (server, parent) => server.addChannel({ parent }),
  'a private thread that the bot is not in': (server, parent) => server.addChannel({ parent, private: true }),
  'a thread that the bot may not view': (server, parent) =>
    server.addChannel({ parent, appPermissions: PermissionFlagsBits.SendMessages }),
};

/** A channel that is listed and one that is not, in a server. */
interface Scene {
  readonly member: Member;
  readonly server: Server;
  readonly listed: Channel;
  readonly other: Channel;
}

/** The scene in a server of the bot, and in one where only the member has installed it. */
async function startWith(setting: string): Promise<{ bot: BotUnderTest; scenes: Scene[] }> {
  const ids = ['81384788765712384', '81384788765712385'];
  const bot = await startBot({ [setting]: ids.join(',') });
  const scenes = ids.map((id, index) => {
    const server = bot.discord.addServer({ botIsMember: index === 0 });
    const member = bot.discord.addMember({ server });
    return { member, server, listed: server.addChannel({ id }), other: server.addChannel() };
  });
  return { bot, scenes };
}

describe.each(['DENIED_CHANNELS', 'ALLOWED_CHANNELS'])('%s', (setting) => {
  const isDenied = setting === 'DENIED_CHANNELS';
  const inListed = isDenied ? NOT_ALLOWED : 'a red circle';
  const inOther = isDenied ? 'a red circle' : NOT_ALLOWED;
  let bot: BotUnderTest;
  let scenes: Scene[];

  beforeAll(async () => {
    ({ bot, scenes } = await startWith(setting));
  });

  afterAll(async () => {
    expect(bot.discord.violations).toEqual([]);
    await bot.close();
  });

  test.each(Object.entries(THREADS))('counts %s as its channel, whoever may see it', async (_name, open) => {
    for (const { member, server, listed, other } of scenes) {
      expect(await answerIn(bot, member, open(server, listed))).toBe(inListed);
      expect(await answerIn(bot, member, open(server, other))).toBe(inOther);
    }
  });

  test('holds in a channel that the bot may not view', async () => {
    for (const { member, server, listed } of scenes) {
      listed.appPermissions = 0n;
      expect(await answerIn(bot, member, listed)).toBe(inListed);
      expect(await answerIn(bot, member, server.addChannel({ parent: listed }))).toBe(inListed);
    }
  });
});

test('DENIED_ROLES and ALLOWED_ROLES hold for a role that Discord has not told of before', async () => {
  const denying = await startBot({ DENIED_ROLES: ROLE });
  const allowing = await startBot({ ALLOWED_ROLES: ROLE });
  try {
    for (const [bot, withRole, without] of [
      [denying, NOT_ALLOWED, 'a red circle'],
      [allowing, 'a red circle', NOT_ALLOWED],
    ] as const) {
      for (const botIsMember of [true, false]) {
        const server = bot.discord.addServer({ botIsMember });
        const has = bot.discord.addMember({ server, roles: [ROLE] });
        expect(await answerIn(bot, has, server.channel)).toBe(withRole);
        expect(await answerIn(bot, bot.discord.addMember({ server }), server.channel)).toBe(without);
      }
    }
  } finally {
    await denying.close();
    await allowing.close();
  }
});

test('a list with @everyone, whose id is the server, means everyone', async () => {
  const bot = await startBot({ DENIED_ROLES: '81384788765712384' });
  const server = bot.discord.addServer({ id: '81384788765712384' });
  const other = bot.discord.addServer();
  try {
    expect(await answerIn(bot, bot.discord.addMember({ server }), server.channel)).toBe(NOT_ALLOWED);
    expect(await answerIn(bot, bot.discord.addMember({ server: other }), other.channel)).toBe('a red circle');
  } finally {
    await bot.close();
  }
});
