import { describe, expect, test } from 'vitest';
import { DEMO_MODEL, readConfig } from '../src/config.js';
import { UserError } from '../src/errors.js';

test('without any setting there is the demo, run as the machine can, and no bot', () => {
  const config = readConfig({});
  expect(config).toMatchObject({
    model: DEMO_MODEL,
    dtype: undefined,
    provider: undefined,
    threads: undefined,
  });
  expect(config.discord).toStrictEqual({
    token: undefined,
    apiUrl: 'https://discord.com/api',
    server: undefined,
    attachmentHosts: [
      'cdn.discordapp.com',
      'media.discordapp.net',
      'images-ext-1.discordapp.net',
      'images-ext-2.discordapp.net',
    ],
  });
});

test('settings are read, and an empty one counts as not set', () => {
  const set = { MODEL: '/models/3b', DTYPE: 'q4', PROVIDER: 'webgpu', THREADS: '' };
  expect(readConfig(set)).toMatchObject({
    model: '/models/3b',
    dtype: 'q4',
    provider: 'webgpu',
    threads: undefined,
  });
  expect(readConfig({ THREADS: '6' }).threads).toBe(6);
});

test('lists are separated by commas, with or without spaces', () => {
  const { access, discord } = readConfig({
    DENIED_MEMBERS: '81384788765712384, 81384788765712385,',
    ATTACHMENT_HOSTS: 'CDN.example.org, 127.0.0.1:8080',
  });
  expect(access.members.denied).toStrictEqual(new Set(['81384788765712384', '81384788765712385']));
  expect(access.members.allowed.size).toBe(0);
  expect(discord.attachmentHosts).toStrictEqual(['cdn.example.org', '127.0.0.1:8080']);
});

test('the monitoring port can be turned off', () => {
  expect(readConfig({}).monitoring).toStrictEqual({ host: '127.0.0.1', port: 9464, logLevel: 'info' });
  expect(readConfig({ MONITORING_PORT: 'off' }).monitoring.port).toBeUndefined();
});

test('requests are kept in the folder data unless another is named, or none', () => {
  expect(readConfig({}).store).toBe('data');
  expect(readConfig({ STORE: '/srv/glimpse' }).store).toBe('/srv/glimpse');
  expect(readConfig({ STORE: 'off' }).store).toBeUndefined();
  expect(readConfig({ STORE: 'OFF' }).store).toBeUndefined();
});

describe('the playground', () => {
  const TOKEN = 'bm90.YQ.dG9rZW4';

  test('is open on this machine alone without a bot, and with one only if it is asked for', () => {
    expect(readConfig({}).playground).toStrictEqual({
      open: true,
      host: '127.0.0.1',
      port: 9465,
      token: undefined,
    });
    expect(readConfig({ DISCORD_TOKEN: TOKEN }).playground.open).toBe(false);
    expect(readConfig({ DISCORD_TOKEN: TOKEN, PLAYGROUND: 'on' }).playground.open).toBe(true);
    expect(readConfig({ PLAYGROUND: 'off' }).playground.open).toBe(false);
  });

  test('where other machines reach it needs a token, unless it is off', () => {
    const open = { PLAYGROUND_HOST: '0.0.0.0' };
    expect(() => readConfig(open)).toThrow(/^PLAYGROUND_TOKEN must be set where PLAYGROUND_HOST is/);
    const proxied = { PLAYGROUND_ADDRESS: 'https://Glimpse.example.org/' };
    expect(() => readConfig(proxied)).toThrow(/^PLAYGROUND_TOKEN must be set/);
    expect(readConfig({ PLAYGROUND_ADDRESS: 'https://localhost:8443' }).playground.token).toBeUndefined();
    const withToken = readConfig({ ...proxied, PLAYGROUND_TOKEN: 'sixteen-letters-or-more' });
    expect(withToken.playground.address).toBe('https://glimpse.example.org');
    expect(readConfig({ ...open, PLAYGROUND_TOKEN: 'sixteen-letters-or-more' }).playground.host).toBe(
      '0.0.0.0',
    );
    expect(readConfig({ ...open, PLAYGROUND: 'off' }).playground.open).toBe(false);
    expect(readConfig({ PLAYGROUND_HOST: '::1' }).playground.token).toBeUndefined();
  });
});

test.each([
  ['PLAYGROUND', 'yes', /^PLAYGROUND must be on or off/],
  ['PLAYGROUND_PORT', 'off', /^PLAYGROUND_PORT must be a port/],
  ['PLAYGROUND_ADDRESS', 'glimpse.example.org', /^PLAYGROUND_ADDRESS must be an address without a path/],
  [
    'PLAYGROUND_ADDRESS',
    'https://example.org/glimpse',
    /^PLAYGROUND_ADDRESS must be an address without a path/,
  ],
  ['MONITORING_NAMES', 'example.org:9464', /^MONITORING_NAMES must be a list of names/],
  ['MONITORING_NAMES', 'https://example.org', /^MONITORING_NAMES must be a list of names/],
  ['PLAYGROUND_TOKEN', 'short', /^PLAYGROUND_TOKEN must have at least 16/],
  ['DISCORD_TOKEN', 'Bot abc', /^DISCORD_TOKEN must be a bot's token/],
  ['DISCORD_API_URL', 'discord.com', /^DISCORD_API_URL must be an address/],
  ['DISCORD_API_URL', 'file:///etc/passwd', /^DISCORD_API_URL must be an address/],
  ['ATTACHMENT_HOSTS', 'https://cdn.discordapp.com/', /^ATTACHMENT_HOSTS must be a list of hosts/],
  ['ATTACHMENT_HOSTS', 'someone@cdn.discordapp.com', /^ATTACHMENT_HOSTS must be a list of hosts/],
  ['ALLOWED_SERVERS', 'my server', /^ALLOWED_SERVERS must be a list of ids/],
  ['DIRECT_MESSAGES', 'yes', /^DIRECT_MESSAGES must be on or off/],
  ['MONITORING_PORT', '70000', /^MONITORING_PORT must be a port/],
  ['MONITORING_PORT', 'abc', /^MONITORING_PORT must be a port from 1 to 65535, or off\.$/],
  ['MONITORING_PORT', 'on', /^MONITORING_PORT must be a port from 1 to 65535, or off\.$/],
  ['QUEUE_LIMIT', '0', /^QUEUE_LIMIT must be a whole number from 1 to 10000/],
])('%s=%s is refused in a sentence', (setting, value, sentence) => {
  expect(() => readConfig({ [setting]: value })).toThrow(sentence);
});

test('every mistake is told in a line of its own', () => {
  const wrong = { DTYPE: 'q3', PROVIDER: 'tpu', THREADS: 'many' };
  expect(() => readConfig(wrong)).toThrow(UserError);
  expect(() => readConfig(wrong)).toThrow(
    [
      'DTYPE must be one of fp32, fp16, q8, q4, q4f16.',
      'PROVIDER must be one of cpu, webgpu.',
      'THREADS must be a whole number from 1 to 256.',
    ].join('\n'),
  );
});

describe('a misspelt setting in the environment is refused with the name that is meant', () => {
  test.each([
    ['ALLOWED_SERVER', 'ALLOWED_SERVERS'],
    ['ALOWED_SERVERS', 'ALLOWED_SERVERS'],
    ['ALLOWED_SERVRES', 'ALLOWED_SERVERS'],
    ['ALLOWEDSERVERS', 'ALLOWED_SERVERS'],
    ['allowed_servers', 'ALLOWED_SERVERS'],
    ['DENIED_USERS', undefined],
    ['DENIED_MEMBER', 'DENIED_MEMBERS'],
    ['DISCORD_TOKENS', 'DISCORD_TOKEN'],
    ['DIRECTMESSAGE', 'DIRECT_MESSAGES'],
    ['PLAYGROUND_PASSWORD', undefined],
    ['MONITORING_ADDRESS', undefined],
    ['QUEUE_LIMITS', 'QUEUE_LIMIT'],
    ['MEMBERS_LIMIT', 'MEMBER_LIMIT'],
    ['HF_TOKENS', 'HF_TOKEN'],
  ])('%s', (name, meant) => {
    const advice =
      meant === undefined ? 'The file .env.example lists all settings.' : `Did you mean ${meant}?`;
    expect(() => readConfig({ [name]: '81384788765712384' })).toThrow(
      `${name} in the environment is no setting of Glimpse. ${advice}`,
    );
  });

  test.each([
    [
      'what others call theirs',
      { PATH: '/bin', HF_HOME: '/hf', MODE: 'test', LANG: 'C', OLLAMA_MODELS: 'x' },
    ],
    ['what says nothing', { ALLOWED_SERVER: '' }],
    [
      'what Kubernetes tells of a service called discord-bot',
      {
        DISCORD_BOT_SERVICE_HOST: '10.0.0.1',
        DISCORD_BOT_SERVICE_PORT_HTTP: '80',
        DISCORD_BOT_PORT: 'tcp://10.0.0.1:80',
        DISCORD_BOT_PORT_80_TCP_ADDR: '10.0.0.1',
      },
    ],
  ])('%s is left alone', (_name, environment) => {
    expect(() => readConfig(environment)).not.toThrow();
  });
});
