import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StrictDiscord, type Server } from '../support/discord/strict-discord.js';
import { runCli, withoutProgress, type CliResult } from '../support/run-cli.js';

let discord: StrictDiscord;
let server: Server;
let settings: Record<string, string>;

beforeAll(async () => {
  discord = await StrictDiscord.start();
  server = discord.addServer();
  settings = {
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.apiUrl,
    ATTACHMENT_HOSTS: discord.attachmentHost,
    MONITORING_PORT: 'off',
  };
});

afterAll(async () => {
  await discord.close();
});

const glimpse = (args: string[], more: Record<string, string> = {}): Promise<CliResult> =>
  runCli(args, tmpdir(), { ...settings, ...more });

describe('register', () => {
  test('tells Discord of the commands once, and of the languages with them', async () => {
    const first = await glimpse(['register']);
    expect(first).toMatchObject({ status: 0, stdout: 'The commands are registered in all servers.\n' });
    const before = discord.requests.filter(({ method }) => method === 'PUT').length;
    const second = await glimpse(['register']);
    expect(second.stdout).toBe('The commands in all servers are up to date.\n');
    expect(discord.requests.filter(({ method }) => method === 'PUT')).toHaveLength(before);
    expect(discord.violations).toEqual([]);
  });

  test('tells one server alone', async () => {
    const { status, stdout } = await glimpse(['register', '--server', server.id]);
    expect(stdout).toBe(`The commands are registered in the server ${server.id}.\n`);
    expect(status).toBe(0);
    expect(discord.violations).toEqual([]);
  });

  test('takes the commands of one server away again, which would show each twice beside those of all', async () => {
    await glimpse(['register', '--server', server.id]);
    const { stdout } = await glimpse(['register', '--server', server.id, '--remove']);
    expect(stdout).toBe(`The commands in the server ${server.id} are removed.\n`);
    const again = await glimpse(['register', '--server', server.id]);
    expect(again.stdout).toBe(`The commands are registered in the server ${server.id}.\n`);
    expect(discord.violations).toEqual([]);
  });

  test.each([
    [
      'a server that the bot is not in',
      ['register', '--server', '81384788765712384'],
      {},
      /no member of the server/,
    ],
    ['what is no id', ['register', '--server', 'mine'], {}, /not the id of a server/],
    [
      'a token that is not accepted',
      ['register'],
      { DISCORD_TOKEN: 'bm90.YQ.dG9rZW4' },
      /does not accept DISCORD_TOKEN/,
    ],
    ['no token', ['register'], { DISCORD_TOKEN: '' }, /DISCORD_TOKEN is not set/],
  ])('%s is told in a line, with status 2', async (_name, args, more, sentence) => {
    const { status, stderr } = await glimpse(args, more);
    expect(stderr).toMatch(sentence);
    expect(withoutProgress(stderr)).toHaveLength(1);
    expect(status).toBe(2);
  });
});

test('a Discord that is away is told by register in a line, with the status of what passes', async () => {
  const { status, stderr } = await glimpse(['register'], { DISCORD_API_URL: 'http://127.0.0.1:9/api' });
  expect(stderr).toMatch(/can't be reached/);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(status).toBe(1);
});

describe('doctor', () => {
  test('finds everything well, and asks the model about a picture that it knows the answer to', async () => {
    await glimpse(['register']);
    const { status, stdout } = await glimpse(['doctor']);
    expect(stdout).toMatch(/^ok +Node\.js: /m);
    expect(stdout).toMatch(/^note +Model: .*answers "red" about a red circle/m);
    expect(stdout).toMatch(/^ok +Discord: The token is that of .*client_id=/m);
    expect(stdout).toMatch(/^ok +Commands: /m);
    expect(stdout).not.toContain(discord.token);
    expect(status).toBe(0);
  });

  test('tells a problem with its mend, goes on with the rest, and ends with status 1', async () => {
    const { status, stdout } = await glimpse(['doctor'], {
      MODEL: '/nowhere',
      DISCORD_TOKEN: 'bm90.YQ.dG9rZW4',
    });
    expect(stdout).toMatch(/^PROBLEM +Model: .*\/nowhere/m);
    expect(stdout).toMatch(/^PROBLEM +Discord: Discord does not accept DISCORD_TOKEN/m);
    expect(stdout).toMatch(/^note +Monitoring: /m);
    expect(status).toBe(1);
  });

  test('without a token says how to get one', async () => {
    const { status, stdout } = await glimpse(['doctor'], { DISCORD_TOKEN: '' });
    expect(stdout).toMatch(/^note +Discord: DISCORD_TOKEN is not set/m);
    expect(status).toBe(0);
  });
});
