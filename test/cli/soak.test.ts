import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BotProcess } from '../support/bot-process.js';
import { StrictDiscord, type Member } from '../support/discord/strict-discord.js';

/** With these, more is asked about than the 64 MiB that are remembered for further questions. */
const WARM_UP = 10;
const JOBS = 15;
/** Of the pictures. Pixels. */
const SIDE = 1600;

let discord: StrictDiscord;
let member: Member;

beforeAll(async () => {
  discord = await StrictDiscord.start();
  member = discord.addMember({ server: discord.addServer() });
});

afterAll(async () => {
  await discord.close();
});

/** A picture that no other is equal to, of more than 7 MB. */
async function noise(): Promise<Buffer> {
  const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
  return sharp(randomBytes(SIDE * SIDE * 3), { raw })
    .png({ compressionLevel: 0 })
    .toBuffer();
}

async function answerOne(): Promise<void> {
  const image = discord.upload(await noise(), { name: 'noise.png' });
  await (await member.slash('detect', { image, objects: 'circle' })).settled();
}

// Only Linux tells what a process holds.
test.skipIf(process.platform !== 'linux')(
  'large pictures, one after another, do not stay in the memory of the bot or of the model',
  async () => {
    const bot = await BotProcess.start({
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
      ATTACHMENT_HOSTS: discord.attachmentHost,
      MONITORING_PORT: 'off',
      STORE: 'off',
    });
    try {
      for (let job = 0; job < WARM_UP; job++) {
        await answerOne();
      }
      const before = await bot.memory();
      for (let job = 0; job < JOBS; job++) {
        await answerOne();
      }
      const after = await bot.memory();
      // Had they stayed, it would be more than 100 MB.
      expect((after.bot - before.bot) / 1e6).toBeLessThan(60);
      expect((after.worker - before.worker) / 1e6).toBeLessThan(60);
    } finally {
      await bot.stop();
    }
    expect(discord.violations).toEqual([]);
  },
);
