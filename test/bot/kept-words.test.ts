import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import type { Inference, SubmitOptions } from '../../src/inference/inference.js';
import { WorkerDiedError } from '../../src/inference/worker/worker-inference.js';
import { asShown } from '../support/as-shown.js';
import { startBot, type BotUnderTest } from '../support/bot-under-test.js';
import type { Interaction, Member, Server } from '../support/discord/strict-discord.js';
import { redCircle, type DrawnPicture } from '../support/drawn-pictures.js';

const FINAL_EDIT = { method: 'PATCH', route: /@original/, withFiles: true };
const FOUND = 'Found 1 object: circle';

let bot: BotUnderTest;
let server: Server;
let member: Member;
let circle: DrawnPicture;

beforeAll(async () => {
  bot = await startBot();
  server = bot.discord.addServer();
  member = bot.discord.addMember({ server });
  circle = await redCircle();
});

afterEach(() => {
  bot.inference.release();
  bot.inference.slowDown(0);
  expect(bot.discord.violations).toEqual([]);
});

afterAll(async () => {
  await bot.close();
});

async function detect(asking: Member = member): Promise<Interaction> {
  const image = bot.discord.upload(circle.png, { name: 'circle.png' });
  return asking.slash('detect', { image, objects: 'circle' });
}

describe('whatever happens to the files, the words come', () => {
  test.each([
    [
      'Discord finds them too large',
      { status: 413, body: { message: 'Request entity too large', code: 40_005 } },
      '-# The file was too large for Discord, so it is not here.',
    ],
    [
      'something before Discord does, without a code',
      { status: 413, body: '<html><head><title>413 Request Entity Too Large</title></head></html>' },
      '-# The file was too large for Discord, so it is not here.',
    ],
    [
      'Discord takes the picture for an explicit one',
      { status: 400, body: { message: 'Explicit content cannot be sent', code: 20_009 } },
      '-# Discord did not take the file, so it is not here.',
    ],
    [
      'Discord does not like how it is described',
      { status: 400, body: { message: 'Invalid Form Body', code: 50_035 } },
      '-# Discord did not take the file, so it is not here.',
    ],
    [
      'they may not be attached',
      { status: 403, body: { message: 'Missing Permissions', code: 50_013 } },
      '-# I may not attach files in this channel, so there is no picture here.',
    ],
  ])('%s', async (_name, failure, note) => {
    bot.discord.failNext(FINAL_EDIT, failure);
    const message = await (await detect()).settled();
    expect(asShown(message)).toBe(`> circle\n${FOUND}\n${note}`);
    expect(message.attachments).toEqual([]);
    expect(message.buttons.map(({ label }) => label)).toContain('Ask more');
  });

  test('the server loses its boosts meanwhile, and takes smaller files only', async () => {
    const boosted = bot.discord.addServer({ attachmentSizeLimit: 2 ** 20 });
    bot.inference.hold();
    const started = bot.inference.nextStart();
    const interaction = await detect(bot.discord.addMember({ server: boosted }));
    await started;
    boosted.attachmentSizeLimit = 100;
    bot.inference.release();
    const message = await interaction.settled();
    expect(asShown(message)).toContain(FOUND);
    expect(asShown(message)).toContain('-# The file was too large for Discord');
  });

  test('a failure without files is not tried once more', async () => {
    const isRefused = { status: 400, body: { message: 'Invalid Form Body', code: 50_035 } };
    bot.discord.failNext({ method: 'PATCH', route: /@original/, times: 2 }, isRefused);
    const image = bot.discord.upload(Buffer.from('no picture'), {
      name: 'picture.png',
      omitDimensions: true,
    });
    const interaction = await member.slash('describe', { image });
    await expect.poll(() => bot.logLines.join('')).toContain('could not be told why there is no answer');
    const requests = bot.discord.requests.filter(({ route }) => route.includes(interaction.token));
    expect(requests.filter(({ method }) => method === 'PATCH').length).toBeLessThanOrEqual(2);
  });
});

describe("a server's automatic moderation", () => {
  test('that does not let the answer through is told as that, without the words', async () => {
    const moderated = bot.discord.addServer();
    moderated.blockedWords = ['red'];
    const image = bot.discord.upload(circle.png, { name: 'circle.png' });
    const asking = bot.discord.addMember({ server: moderated });
    const message = await (await asking.slash('describe', { image })).settled();
    expect(asShown(message)).toBe('The automatic moderation here did not let my answer through.');
    expect(message.buttons.map(({ label }) => label)).toEqual(['Delete']);
    expect(await bot.metrics.text()).toContain('command="describe",outcome="blocked"');
    expect(
      bot.logLines.filter((line) => line.includes('"level":"error"') && line.includes('moderation')),
    ).toEqual([]);
  });

  test('has nothing against another answer', async () => {
    const moderated = bot.discord.addServer();
    moderated.blockedWords = ['square'];
    const message = await (await detect(bot.discord.addMember({ server: moderated }))).settled();
    expect(asShown(message)).toContain(FOUND);
    expect(message.attachments).toHaveLength(1);
  });
});

test('Cancel leaves the words that the member has been reading', async () => {
  bot.inference.slowDown(400);
  const image = bot.discord.upload(circle.png, { name: 'circle.png' });
  const interaction = await member.slash('describe', { image, detail: 'long' });
  const growing = await interaction.settled({ until: ({ content }) => content.startsWith('The picture') });
  await (
    await member.click(growing, 'Cancel')
  ).acknowledged;
  const message = await interaction.settled();
  expect(asShown(message)).toMatch(/^The picture.*\n-# Cancelled\.$/);
  expect(message.buttons.map(({ label }) => label)).toEqual(['Delete']);
});

/** Says something, and then ends as a test wants it. */
class TalkativeInference implements Inference {
  readonly said: string;
  readonly options: SubmitOptions[] = [];
  end: () => Promise<never> = () => Promise.reject(new Error('no end'));

  constructor(said: string) {
    this.said = said;
  }

  async submit(_job: unknown, options: SubmitOptions = {}): Promise<never> {
    this.options.push(options);
    options.onProgress?.({ stage: 'looking', text: '' });
    options.onProgress?.({ stage: 'answering', text: this.said });
    // A worker that died has begun anew.
    options.onProgress?.({ stage: 'looking', text: '' });
    await sleep(50);
    return this.end();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

describe('what was said before', () => {
  const tookTooLong = new UserError('too long', { mistake: { code: 'timeLimit', values: { seconds: 300 } } });
  const died = new WorkerDiedError({ exitCode: null, signal: 'SIGKILL' });
  let talkative: TalkativeInference;
  let other: BotUnderTest;
  let place: Server;
  let asking: Member;

  beforeAll(async () => {
    talkative = new TalkativeInference('a *red* circle');
    other = await startBot({}, {}, () => Promise.resolve(talkative));
    place = other.discord.addServer();
    asking = other.discord.addMember({ server: place });
  });

  afterAll(async () => {
    await other.close();
    expect(other.discord.violations).toEqual([]);
  });

  test.each([
    ['the time limit', tookTooLong, 'This took longer than 300 s, so I stopped it.'],
    ['a worker that dies', died, 'The model stopped twice on this picture, so I gave up on it.'],
    [
      'a fault',
      new Error('broken'),
      'Something went wrong on my side, and it has been noted. Please try again.',
    ],
  ])('%s stays, with the reason below it', async (_name, error, sentence) => {
    talkative.end = () => Promise.reject(error);
    const image = other.discord.upload(circle.png, { name: 'circle.png' });
    const message = await (await asking.slash('describe', { image })).settled();
    expect(asShown(message)).toBe(`a *red* circle\n-# ${sentence}`);
    expect(message.content).toContain(String.raw`\*red\*`);
  });

  test('in a picture behind a spoiler stays behind one', async () => {
    talkative.end = () => Promise.reject(tookTooLong);
    const image = other.discord.upload(circle.png, { name: 'circle.png', spoiler: true });
    const message = await (await asking.slash('ocr', { image })).settled();
    expect(message.content).toMatch(/^\|\|.*\|\|\n-# This took longer/);
  });

  test('is not shown where Discord refuses it; the reason is then', async () => {
    talkative.end = () => Promise.reject(tookTooLong);
    place.blockedWords = ['red'];
    const image = other.discord.upload(circle.png, { name: 'circle.png' });
    const message = await (await asking.slash('describe', { image })).settled();
    place.blockedWords = [];
    expect(asShown(message)).toBe('This took longer than 300 s, so I stopped it.');
  });

  test('the model is told to be done a minute before Discord takes no answer any more', async () => {
    talkative.end = () => Promise.reject(tookTooLong);
    const image = other.discord.upload(circle.png, { name: 'circle.png' });
    const asked = performance.now();
    await (await asking.slash('describe', { image })).settled();
    const { finishBy = 0 } = talkative.options.at(-1) ?? {};
    expect((finishBy - asked) / 60_000).toBeGreaterThan(13.5);
    expect((finishBy - performance.now()) / 60_000).toBeLessThan(14);
  });
});
