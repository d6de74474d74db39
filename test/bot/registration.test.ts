import { REST } from 'discord.js';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { accountLink, inviteLink } from '../../src/bot/invite-link.js';
import {
  areCommandsRegistered,
  registerCommands,
  removeCommands,
  type Registry,
} from '../../src/bot/registration.js';
import { startBot } from '../support/bot-under-test.js';
import type { Json } from '../support/discord/json.js';
import { RawBot } from '../support/discord/raw-bot.js';
import { StrictDiscord } from '../support/discord/strict-discord.js';

const FOREIGN = { name: 'weather', description: 'What it is like outside', options: [] };
const ENTRY_POINT = { name: 'Launch', type: 4, handler: 2 };

let discord: StrictDiscord;
let others: RawBot;
let registry: Registry;
let path: string;

beforeEach(async () => {
  discord = await StrictDiscord.start();
  onTestFinished(() => discord.close());
  others = new RawBot(discord);
  path = `/applications/${discord.applicationId}/commands`;
  const rest = new REST({ api: discord.apiUrl, version: '10' }).setToken(discord.token);
  registry = { rest, applicationId: discord.applicationId, server: undefined };
});

async function known(): Promise<Json[]> {
  return (await others.call('GET', `${path}?with_localizations=true`)).body.list as Json[];
}

async function namesKnown(): Promise<unknown[]> {
  return (await known()).map(({ name }) => name);
}

describe('what else the application has stays as it is', () => {
  test.each([
    ['a command of another program', FOREIGN],
    ["an Activity's entry point", ENTRY_POINT],
    ['a menu entry with the name of a command', { name: 'describe', type: 3 }],
  ])('%s', async (_name, foreign) => {
    const { body } = await others.call('POST', path, foreign);
    expect(await areCommandsRegistered(registry)).toBe(false);
    expect(await registerCommands(registry)).toBe('registered');
    expect(await namesKnown()).toEqual(
      expect.arrayContaining([foreign.name, 'describe', 'detect', 'status']),
    );
    expect(await areCommandsRegistered(registry)).toBe(true);
    expect(await registerCommands(registry)).toBe('unchanged');
    await removeCommands(registry);
    expect(await known()).toEqual([body]);
    expect(discord.violations).toEqual([]);
  });
});

test('a command that has changed is told anew, alone, and keeps its id', async () => {
  await others.call('POST', path, FOREIGN);
  await registerCommands(registry);
  const before = await known();
  const ours = before.find(({ name }) => name === 'detect');
  await others.call('PATCH', `${path}/${String(ours?.id)}`, { description: 'As it was once' });
  const asked = discord.requests.length;
  expect(await registerCommands(registry)).toBe('registered');
  expect(discord.requests.slice(asked).map(({ method }) => method)).toEqual(['GET', 'POST']);
  const after = (await known()).find(({ name }) => name === 'detect');
  expect(after).toMatchObject({ id: ours?.id, description: ours?.description });
  expect(discord.violations).toEqual([]);
});

describe('a bot whose commands are for one server', () => {
  test('says in a sentence that it is not in it, and has them there once it is invited', async () => {
    const bot = await startBot({ DISCORD_SERVER: '81384788765712384' });
    onTestFinished(() => bot.close());
    expect(bot.logLines.join('')).toContain('The bot is no member of the server 81384788765712384');
    expect(bot.logLines.join('')).not.toContain('DiscordAPIError');
    const server = bot.discord.addServer({ id: '81384788765712384', botIsMember: false });
    const requests = (): number => bot.discord.requests.filter(({ method }) => method === 'PUT').length;
    expect(requests()).toBe(0);
    bot.discord.welcome(server);
    await expect.poll(requests, { timeout: 10_000 }).toBe(1);
    await expect.poll(() => bot.logLines.join('')).toContain('commands registered');
    const own = new RawBot(bot.discord);
    const list = `/applications/${bot.discord.applicationId}/guilds/${server.id}/commands`;
    expect((await own.call('GET', list)).body.list).not.toEqual([]);
  });

  test('has nothing to tell for a server where all have them', async () => {
    const bot = await startBot();
    onTestFinished(() => bot.close());
    const asked = bot.discord.requests.length;
    bot.discord.addServer();
    await expect.poll(() => bot.bot.servers).toBe(1);
    expect(bot.discord.requests).toHaveLength(asked);
  });
});

describe('links', () => {
  const queryOf = (link: string): Record<string, string> => Object.fromEntries(new URL(link).searchParams);

  test('one invites the bot to a server, to one that is named if there is one', () => {
    const invite = {
      client_id: '42',
      integration_type: '0',
      scope: 'bot applications.commands',
      permissions: '35840',
    };
    expect(queryOf(inviteLink('42', undefined))).toStrictEqual(invite);
    expect(queryOf(inviteLink('42', '43'))).toStrictEqual({ ...invite, guild_id: '43' });
  });

  test('the other adds the commands to an account', () => {
    expect(queryOf(accountLink('42'))).toStrictEqual({
      client_id: '42',
      integration_type: '1',
      scope: 'applications.commands',
    });
  });
});
