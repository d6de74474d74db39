import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { KIND, type Interaction } from './interaction.js';
import type { Json } from './json.js';
import { ROW, Stage } from './stage.js';

const V2 = 1 << 15;
const MODAL = {
  custom_id: 'form',
  title: 'A form',
  components: [{ type: 18, label: 'Words', component: { type: 4, custom_id: 'words', style: 1 } }],
};

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

async function clicked(): Promise<Interaction> {
  return stage.member.click(await (await stage.answered()).settled(), 'Go');
}

test('a response with_response tells of the message', async () => {
  const interaction = await stage.member.slash('go');
  const path = `/interactions/${interaction.id}/${interaction.token}/callback?with_response=true`;
  const { status, body } = await stage.bot.call('POST', path, {
    type: 4,
    data: { content: 'hi', flags: 64 },
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    interaction: { id: interaction.id, type: 2, response_message_ephemeral: true },
    resource: { type: 4, message: { content: 'hi', flags: 64, type: 20 } },
  });
  expect(stage.newViolations()).toEqual([]);
});

test('the payload is complete', async () => {
  await stage.answered();
  expect(await stage.bot.event('INTERACTION_CREATE')).toMatchObject({
    application_id: stage.discord.applicationId,
    type: KIND.command,
    version: 1,
    locale: 'en-US',
    guild_locale: 'en-US',
    guild_id: stage.server.id,
    channel: { id: stage.server.channel.id, type: 0 },
    member: {
      user: { id: stage.member.id },
      roles: [],
      permissions: expect.stringMatching(/^\d+$/) as string,
    },
    app_permissions: expect.stringMatching(/^\d+$/) as string,
    context: 0,
    entitlements: [],
    attachment_size_limit: 10 * 2 ** 20,
    authorizing_integration_owners: { '0': stage.server.id },
    data: { name: 'go', type: 1, options: [] },
  });
});

test('a second response is refused', async () => {
  const interaction = await stage.answered();
  expect(await stage.bot.respond(interaction, { type: 5 })).toMatchObject({
    status: 400,
    body: { code: 40060 },
  });
  expect(stage.newViolations()[0]).toMatch(/^40060/);
});

test('an unknown interaction is refused', async () => {
  const { token } = await stage.answered();
  expect(await stage.bot.respond({ id: '81384788765712384', token }, { type: 5 })).toMatchObject({
    status: 404,
    body: { code: 10062 },
  });
  expect(stage.newViolations()[0]).toMatch(/^10062/);
});

test.each<[string, () => Promise<Interaction>, Json]>([
  [
    'a change of a message to a slash command',
    () => stage.member.slash('go'),
    { type: 7, data: { content: 'x' } },
  ],
  ['a deferred change to a slash command', () => stage.member.slash('go'), { type: 6 }],
  ['completions to a slash command', () => stage.member.slash('go'), { type: 8, data: { choices: [] } }],
  ['completions to a button', clicked, { type: 8, data: { choices: [] } }],
  ['a form to a form', submitted, { type: 9, data: MODAL }],
  ['an unknown type', () => stage.member.slash('go'), { type: 3 }],
  ['no type', () => stage.member.slash('go'), {}],
])('%s is refused', async (_name, begin, response) => {
  const interaction = await begin();
  expect(await stage.bot.respond(interaction, response)).toMatchObject({
    status: 400,
    body: { code: 50035 },
  });
  expect(stage.newViolations()).toHaveLength(1);
  await stage.bot.respond(interaction, { type: 5 });
});

async function submitted(): Promise<Interaction> {
  const interaction = await stage.member.slash('go');
  await stage.bot.respond(interaction, { type: 9, data: MODAL });
  return stage.member.submit(await interaction.modal, { words: 'x' });
}

test.each<[string, number]>([
  ['Components V2', V2],
  ['embeds suppressed', 4],
  ['ephemeral and Components V2', 64 | V2],
])('deferring with the flag of %s is refused', async (_name, flags) => {
  const interaction = await stage.member.slash('go');
  expect(await stage.bot.respond(interaction, { type: 5, data: { flags } })).toMatchObject({
    body: { code: 50035 },
  });
  expect(stage.newViolations()[0]).toContain('MESSAGE_FLAGS_INVALID');
  await stage.bot.respond(interaction, { type: 5, data: { flags: 64 } });
  expect((await interaction.acknowledged).ephemeral).toBe(true);
});

test('an edit can not change who sees a message', async () => {
  const interaction = await stage.member.slash('go');
  await stage.bot.respond(interaction, { type: 5 });
  const edit = await stage.bot.webhook('PATCH', interaction, '@original', { content: 'x', flags: 64 });
  expect(edit).toMatchObject({ status: 400, body: { code: 50035 } });
  expect(stage.newViolations()[0]).toContain('MESSAGE_FLAGS_INVALID');
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
    stage.bot.events.length = 0;
    const completing = stage.member.autocomplete('go', { [option]: option === 'word' ? 'x' : 7 }, option);
    const interaction = (await stage.bot.event('INTERACTION_CREATE')) as unknown as {
      id: string;
      token: string;
    };
    expect(await stage.bot.respond(interaction, { type: 8, data: { choices } })).toMatchObject({
      status: 400,
      body: { code: 50035 },
    });
    await stage.bot.respond(interaction, { type: 8, data: { choices: [] } });
    expect(await completing).toEqual([]);
  }
  expect(stage.newViolations()).toHaveLength(wrong.length);
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
  const interaction = await stage.member.slash('go');
  const data = { ...MODAL, ...change };
  expect(await stage.bot.respond(interaction, { type: 9, data })).toMatchObject({
    status: 400,
    body: { code: 50035 },
  });
  expect(stage.newViolations()).toHaveLength(1);
  await stage.bot.respond(interaction, { type: 5 });
});

function input(change: Json): Json {
  const field = { type: 4, custom_id: 'words', style: 1, ...change };
  return { components: [{ type: 18, label: 'Words', component: field }] };
}
