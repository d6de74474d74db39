import { DiscordAPIError } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { createLogger } from '../../src/monitoring/log.js';

const BOT_TOKEN = 'MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs-abcdefg';
const INTERACTION_TOKEN = 'aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OnNlY3JldA';
const QUESTION = 'is my boss in this picture?';

interface Entry extends Record<string, unknown> {
  readonly err: Record<string, unknown>;
}

/** What is logged, as one text and entry by entry. */
function logged(write: (log: ReturnType<typeof createLogger>) => void): { text: string; entries: Entry[] } {
  const lines: string[] = [];
  write(createLogger('debug', { write: (line: string) => lines.push(line) }));
  return { text: lines.join(''), entries: lines.map((line) => JSON.parse(line) as Entry) };
}

function apiError(route: string): DiscordAPIError {
  const body = { content: QUESTION, embeds: [] };
  const raw = {
    code: 50_035,
    message: 'Invalid Form Body',
    errors: { content: { _errors: [{ code: 'BASE_TYPE_MAX_LENGTH', message: 'Must be 2000 or fewer.' }] } },
  };
  const url = `https://discord.com/api/v10${route}`;
  return new DiscordAPIError(raw, raw.code, 400, 'PATCH', url, { files: undefined, body });
}

test('a line is JSON with an ISO time, the name of its level and what was said', () => {
  const { entries } = logged((log) => {
    log.info({ interaction: '1', waitedMs: 12 }, 'a request was answered');
  });
  expect(entries).toHaveLength(1);
  expect(entries[0]).toMatchObject({
    level: 'info',
    interaction: '1',
    waitedMs: 12,
    msg: 'a request was answered',
  });
  expect(entries[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

test('only what reaches the level is logged', () => {
  const lines: string[] = [];
  const log = createLogger('warn', { write: (line: string) => lines.push(line) });
  log.info('no');
  log.warn('yes');
  expect(lines).toHaveLength(1);
});

describe('an error is logged', () => {
  test('with its name, code, status, stack and causes', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const { entries } = logged((log) => {
      log.error({ err: new Error('no connection', { cause }) }, 'failed');
    });
    expect(entries[0]?.err).toMatchObject({
      name: 'Error',
      message: 'no connection',
      cause: { message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' },
    });
    expect(JSON.stringify(entries[0]?.err.stack)).toContain('log.test.ts');
  });

  test('of Discord, without the token in its address and without what was to be posted', () => {
    const { text, entries } = logged((log) => {
      log.error({ err: apiError(`/webhooks/81384788765712384/${INTERACTION_TOKEN}/messages/@original`) });
      log.error(apiError(`/interactions/81384788765712384/${INTERACTION_TOKEN}/callback`));
      log.error({ err: new Error('failed', { cause: apiError('/webhooks/1/short-token') }) });
    });
    expect(entries[0]?.err).toMatchObject({
      name: 'DiscordAPIError[50035]',
      code: 50_035,
      status: 400,
      method: 'PATCH',
      url: 'https://discord.com/api/v10/webhooks/81384788765712384/[redacted]/messages/@original',
    });
    expect(entries[1]?.err.url).toMatch(/\/interactions\/81384788765712384\/\[redacted\]\/callback$/);
    expect(text).not.toContain(INTERACTION_TOKEN);
    expect(text).not.toContain('short-token');
    expect(text).not.toContain(QUESTION);
  });

  test("about a member's mistake, without what they wrote", () => {
    const mistake = { code: 'objectTooLong', values: { object: QUESTION } } as const;
    const { text, entries } = logged((log) => {
      log.info({ err: new UserError(`"${QUESTION}" is too long.`, { mistake }) });
      log.error({ err: new UserError('MODEL is no checkpoint.') });
    });
    expect(entries[0]?.err).toMatchObject({ name: 'UserError', message: 'mistake objectTooLong' });
    expect(entries[1]?.err).toMatchObject({ message: 'MODEL is no checkpoint.' });
    expect(text).not.toContain(QUESTION);
  });

  test('that is its own cause, or a cause that is no error', () => {
    const circular: Error & { cause?: unknown } = new Error('circular');
    circular.cause = circular;
    const { entries } = logged((log) => {
      log.error({ err: circular });
      log.error({ err: new Error('odd', { cause: { requestBody: QUESTION, status: 7 } }) });
    });
    expect(entries[0]?.err).toMatchObject({ message: 'circular' });
    expect(entries[1]?.err.cause).toStrictEqual({ requestBody: '[redacted]', status: 7 });
  });
});

test('no token, question or picture gets out, wherever it stands', () => {
  const picture = new Uint8Array([137, 80, 78, 71]);
  class Message {
    readonly sentence = QUESTION;
  }
  const signed = 'https://cdn.discordapp.com/attachments/1/2/a.png?ex=66&is=65&hm=c0ffee';
  const { text, entries } = logged((log) => {
    log.info({ token: BOT_TOKEN, deep: { list: [{ authorization: `Bot ${BOT_TOKEN}` }] } });
    log.info({ job: { task: { kind: 'ask', question: QUESTION }, picture } });
    log.info({ message: new Message() }, 'asked');
    log.info({ upload: picture, other: Buffer.from(picture), raw: picture.buffer });
    log.info(`login with ${BOT_TOKEN}`);
    log.warn('headers: Bot a.b.c, address %s', signed);
    log.child({ token: BOT_TOKEN, words: QUESTION }).info(`token ${INTERACTION_TOKEN}`);
    log.error({ err: new Error(`GET ${signed} failed with ${BOT_TOKEN}`) });
    log.error(Object.assign(new Error('x'), { content: QUESTION, requestBody: { files: [picture] } }));
  });
  for (const secret of [BOT_TOKEN, INTERACTION_TOKEN, QUESTION, 'c0ffee', 'a.b.c', '137', 'iVBOR']) {
    expect(text).not.toContain(secret);
  }
  expect(entries[1]).toMatchObject({
    job: { task: { kind: 'ask', question: '[redacted]' }, picture: '[redacted]' },
  });
  expect(entries[2]).toMatchObject({ message: '[Message]', msg: 'asked' });
  expect(entries[3]).toMatchObject({ upload: '[4 bytes]', other: '[4 bytes]', raw: '[4 bytes]' });
});
