import { afterAll, beforeAll, expect, test } from 'vitest';
import { asShown } from '../support/as-shown.js';
import { BotProcess } from '../support/bot-process.js';
import { StrictDiscord, type Interaction, type Member } from '../support/discord/strict-discord.js';
import { redCircle, type DrawnPicture } from '../support/drawn-pictures.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const WITHIN = { timeoutMs: 30_000 };

let discord: StrictDiscord;
let members: readonly Member[];
let circle: DrawnPicture;

beforeAll(async () => {
  discord = await StrictDiscord.start();
  const server = discord.addServer();
  members = Array.from({ length: 16 }, () => discord.addMember({ server }));
  circle = await redCircle();
});

afterAll(async () => {
  await discord.close();
});

function settingsWith(store: string): Record<string, string> {
  return {
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.apiUrl,
    ATTACHMENT_HOSTS: discord.attachmentHost,
    MONITORING_PORT: 'off',
    STORE: store,
  };
}

/** Each member asks about a picture, and has been told that the bot is at it. */
async function askedByAll(): Promise<Interaction[]> {
  const image = discord.upload(circle.png, { name: 'circle.png' });
  const asked = await Promise.all(
    members.map((member) => member.slash('detect', { image, objects: 'circle' })),
  );
  await Promise.all(asked.map(({ acknowledged }) => acknowledged));
  return asked;
}

const isAnswered = (interaction: Interaction): boolean =>
  interaction.message()?.buttons.some(({ label }) => label === 'Delete') === true;

/** How often the last content was put there. */
function answersOf({ original, followUps }: Interaction): number {
  const last = original?.edits.filter(({ content }) => content === original.content) ?? [];
  return last.length + followUps.length;
}

test('a bot that is killed with members waiting answers all of them after it was started again, and none twice', async () => {
  const settings = settingsWith(await temporaryFolder());
  const first = await BotProcess.start(settings);
  const asked = await askedByAll();
  await first.kill();
  expect(asked.filter(isAnswered).length).toBeLessThan(members.length);

  const second = await BotProcess.start(settings);
  const messages = await Promise.all(asked.map((interaction) => interaction.settled(WITHIN)));
  messages.forEach((message) => {
    expect(asShown(message)).toContain('Found 1 object: circle');
  });
  expect(asked.map(answersOf)).toEqual(members.map(() => 1));
  await second.stop();

  const third = await BotProcess.start(settings);
  expect(third.lines.filter(({ msg }) => String(msg).includes('before the start'))).toEqual([]);
  await third.stop();
  expect(discord.violations).toEqual([]);
});

test('who waits over a restart sees their place again, and can cancel', async () => {
  const settings = settingsWith(await temporaryFolder());
  const first = await BotProcess.start(settings);
  const asked = await askedByAll();
  await first.kill();
  const second = await BotProcess.start(settings);
  // The model of a fast machine would be through before anybody can cancel.
  process.kill(second.worker, 'SIGSTOP');
  const last = asked[asked.length - 1];
  const waiting = await last.settled({ ...WITHIN, until: ({ content }) => content.includes('queue') });
  await last.options.member.click(waiting, 'Cancel');
  expect(asShown(await last.settled(WITHIN))).toBe('Cancelled.');
  process.kill(second.worker, 'SIGCONT');
  await Promise.all(asked.map((interaction) => interaction.settled(WITHIN)));
  await second.stop();
  expect(discord.violations).toEqual([]);
});
