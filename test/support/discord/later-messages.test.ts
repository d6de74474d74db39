import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Json } from './json.js';
import { PERMISSION } from './permissions.js';
import { Stage } from './stage.js';

const V2 = 1 << 15;

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

test('the first follow-up after deferring takes the place of the placeholder', async () => {
  const interaction = await stage.member.slash('go');
  await stage.bot.respond(interaction, { type: 5, data: { flags: 64 } });
  const { body } = await stage.bot.webhook('POST', interaction, undefined, {
    flags: V2 | 64,
    components: [{ type: 10, content: 'x' }],
  });
  expect(body).toMatchObject({ id: interaction.original?.id, flags: 64 | V2 });
  expect(interaction.followUps).toEqual([]);
  await stage.bot.webhook('POST', interaction, undefined, { content: 'y' });
  expect(interaction.followUps.map(({ content, ephemeral }) => [content, ephemeral])).toEqual([['y', false]]);
});

test('a token of nobody, a response that is not there yet, and a message of another interaction', async () => {
  expect(await stage.bot.webhook('PATCH', { token: 'x' }, '@original', {})).toMatchObject({
    status: 404,
    body: { code: 10015 },
  });
  const early = await stage.member.slash('go');
  expect(await stage.bot.webhook('PATCH', early, '@original', { content: 'x' })).toMatchObject({
    body: { code: 10015 },
  });
  await stage.bot.respond(early, { type: 5 });
  const other = await stage.answered();
  expect(await stage.bot.webhook('GET', early, other.original?.id ?? '')).toMatchObject({
    status: 404,
    body: { code: 10008 },
  });
  expect(stage.newViolations()).toHaveLength(3);
});

test('asking again for what is gone is a violation, asking once for what others deleted is none', async () => {
  const interaction = await stage.answered();
  stage.discord.deleteMessage(await interaction.settled());
  const edit = (): Promise<{ body: Json }> =>
    stage.bot.webhook('PATCH', interaction, '@original', { content: 'x' });
  expect((await edit()).body.code).toBe(10008);
  expect(stage.newViolations()).toEqual([]);
  expect((await edit()).body.code).toBe(10008);
  expect(stage.newViolations()[0]).toMatch(/^repeated a request/);
});

test('files need the permission to attach them', async () => {
  const channel = stage.server.addChannel({ appPermissions: PERMISSION.viewChannel });
  const interaction = await stage.member.slash('go', {}, { channel });
  await stage.bot.respond(interaction, { type: 5 });
  const body = { content: 'x', attachments: [{ id: '0', description: 'x' }] };
  const files = [{ name: 'a.txt', bytes: Buffer.from('x') }];
  expect(await stage.bot.webhook('PATCH', interaction, '@original', body, files)).toMatchObject({
    status: 403,
    body: { code: 50013 },
  });
  expect(stage.newViolations()[0]).toMatch(/^50013/);
});

test('a permission that was taken away meanwhile is refused too, which no bot could know', async () => {
  const permissions = PERMISSION.viewChannel | PERMISSION.attachFiles;
  const channel = stage.server.addChannel({ appPermissions: permissions });
  const interaction = await stage.member.slash('go', {}, { channel });
  await stage.bot.respond(interaction, { type: 5 });
  channel.appPermissions = PERMISSION.viewChannel;
  const files = [{ name: 'a.txt', bytes: Buffer.from('x') }];
  const body = { attachments: [{ id: '0' }] };
  expect(await stage.bot.webhook('PATCH', interaction, '@original', body, files)).toMatchObject({
    status: 403,
  });
  expect(stage.newViolations()).toEqual([]);
});

test('the limit for files is that of the server', async () => {
  const small = stage.discord.addServer({ attachmentSizeLimit: 3 });
  const interaction = await stage.discord.addMember({ server: small }).slash('go');
  await stage.bot.respond(interaction, { type: 5 });
  const body = { attachments: [{ id: '0' }] };
  const files = [{ name: 'a.txt', bytes: Buffer.from('four') }];
  expect(await stage.bot.webhook('PATCH', interaction, '@original', body, files)).toMatchObject({
    status: 413,
    body: { code: 40005 },
  });
});

test('that it was higher when the interaction came is not for the bot to know', async () => {
  const boosted = stage.discord.addServer({ attachmentSizeLimit: 4 });
  const interaction = await stage.discord.addMember({ server: boosted }).slash('go');
  await stage.bot.respond(interaction, { type: 5 });
  boosted.attachmentSizeLimit = 3;
  const send = (text: string): Promise<{ status: number }> =>
    stage.bot.webhook('PATCH', interaction, '@original', { attachments: [{ id: '0' }] }, [
      { name: 'a.txt', bytes: Buffer.from(text) },
    ]);
  expect(await send('four')).toMatchObject({ status: 413, body: { code: 40005 } });
  expect(stage.newViolations()).toEqual([]);
  expect((await send('five!')).status).toBe(413);
  expect(stage.newViolations()).toHaveLength(1);
  expect((await send('two')).status).toBe(200);
});

test("a server's automatic moderation takes no message with its words in it, whatever brings them", async () => {
  const server = stage.discord.addServer();
  server.blockedWords = ['circle'];
  const interaction = await stage.discord.addMember({ server }).slash('go');
  const blocked = { status: 400, body: { code: 200000 } };
  expect(await stage.bot.respond(interaction, { type: 4, data: { content: 'a CIRCLE' } })).toMatchObject(
    blocked,
  );
  await stage.bot.respond(interaction, { type: 5 });
  const edit = { content: 'circles' };
  expect(await stage.bot.webhook('PATCH', interaction, '@original', edit)).toMatchObject(blocked);
  const shown = { flags: V2, components: [{ type: 10, content: 'a circle' }] };
  expect(await stage.bot.webhook('POST', interaction, undefined, shown)).toMatchObject(blocked);
  expect(interaction.original?.thinking).toBe(true);
  expect((await stage.bot.webhook('PATCH', interaction, '@original', { content: 'a square' })).status).toBe(
    200,
  );
  expect(stage.newViolations()).toEqual([]);
});

test('where only the member has the app there are five follow-ups, and no way around the interaction', async () => {
  const elsewhere = stage.discord.addServer({ botIsMember: false });
  const guest = stage.discord.addMember({ server: elsewhere });
  const interaction = await guest.slash('go');
  stage.discord.rateLimit({ route: /^\/webhooks\// }, { limit: 100, perMs: 1000 });
  await stage.bot.respond(interaction, { type: 4, data: { content: 'x' } });
  for (let count = 0; count < 5; count++) {
    expect((await stage.bot.webhook('POST', interaction, undefined, { content: 'x' })).status).toBe(200);
  }
  expect(await stage.bot.webhook('POST', interaction, undefined, { content: 'x' })).toMatchObject({
    status: 400,
    body: { code: 40094 },
  });
  const path = `/channels/${elsewhere.channel.id}/messages`;
  expect(await stage.bot.call('POST', path, { content: 'x' })).toMatchObject({
    status: 403,
    body: { code: 50001 },
  });
  expect(stage.newViolations()).toHaveLength(2);
});

test('an ephemeral message is not reached through its channel', async () => {
  const interaction = await stage.answered({ content: 'x', flags: 64 });
  const { id = '' } = interaction.original ?? {};
  const path = `/channels/${stage.server.channel.id}/messages/${id}`;
  expect(await stage.bot.call('DELETE', path)).toMatchObject({ status: 404, body: { code: 10008 } });
  expect(stage.newViolations()).toHaveLength(1);
  expect((await stage.bot.webhook('DELETE', interaction, '@original')).status).toBe(204);
  expect(interaction.message()).toBeUndefined();
});

test('messages of others are not edited, and deleted by moderators alone', async () => {
  const { channel } = stage.server;
  const { id } = stage.discord.postMessage({ channel, author: stage.member, content: 'x' });
  const path = `/channels/${channel.id}/messages/${id}`;
  expect(await stage.bot.call('PATCH', path, { content: 'y' })).toMatchObject({
    status: 403,
    body: { code: 50005 },
  });
  expect(await stage.bot.call('DELETE', path)).toMatchObject({ status: 403, body: { code: 50013 } });
  expect(stage.newViolations()).toHaveLength(2);
});
