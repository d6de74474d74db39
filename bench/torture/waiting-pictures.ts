import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attachment, Interaction } from '../../test/support/discord/strict-discord.js';
import { Ground, isAnswered } from './ground.js';
import type { TortureSection } from './section.js';

const MEMBERS = 6;
/** As many as may wait, and the one that is looked at. */
const PICTURES = 51;
const MEBIBYTE = 2 ** 20;
/** Nearly the largest that is taken. */
const SIZE = 24 * MEBIBYTE;
/** Beside what is held of them, the next ones and copies on their way. */
const MOST_GROWN = 512 * MEBIBYTE;
/** Between two looks at the memory. Milliseconds. */
const STRIDE = 100;
const WITHIN = { timeoutMs: 240_000 };

/** As many large pictures as may wait do, while the model stands still and then while it answers them. */
export const waitingPictures: TortureSection = {
  name: 'waiting pictures',
  run: async (report) => {
    const ground = await Ground.open(MEMBERS, { SHUTDOWN_LIMIT: '1' });
    const stop = new AbortController();
    try {
      await (await ground.members[0].slash('describe', { image: ground.picture })).settled(WITHIN);
      const before = (await ground.bot.memory()).bot;
      const peak = watchMemory(ground, stop.signal);
      process.kill(ground.bot.worker, 'SIGSTOP');
      const asked = await askAboutAll(ground);
      // Until nothing more is downloaded.
      await sleep(10_000);
      process.kill(ground.bot.worker, 'SIGCONT');
      await Promise.allSettled(asked.map((interaction) => interaction.settled(WITHIN)));
      stop.abort();
      const grown = (await peak) - before;
      const answered = asked.filter(isAnswered).length;
      report.figure(`answered, of ${PICTURES} pictures of ${SIZE / MEBIBYTE} MiB`, answered, {
        goal: 'all',
        met: answered === PICTURES,
      });
      report.figure('memory of the bot, at most, beside before', `+${Math.round(grown / MEBIBYTE)} MiB`, {
        goal: `at most +${MOST_GROWN / MEBIBYTE} MiB`,
        met: grown <= MOST_GROWN,
      });
      const { length: violations } = ground.discord.violations;
      report.figure("violations of Discord's rules", violations, { goal: '0', met: violations === 0 });
    } finally {
      stop.abort();
      await ground.close();
    }
  },
};

async function askAboutAll(ground: Ground): Promise<Interaction[]> {
  const asked: Interaction[] = [];
  for (let index = 0; index < PICTURES; index++) {
    const image = largePicture(ground);
    asked.push(await ground.members[index % MEMBERS].slash('describe', { image }));
  }
  await Promise.all(asked.map(({ acknowledged }) => acknowledged));
  return asked;
}

/** A red circle like no other; what follows its end is not looked at. */
function largePicture({ discord, picture: { bytes } }: Ground): Attachment {
  const rest = Buffer.alloc(SIZE - bytes.length - 16);
  const large = Buffer.concat([bytes, randomBytes(16), rest]);
  return discord.upload(large, { name: 'large.png', omitDimensions: true });
}

/** The most bytes that the bot held until the signal. */
async function watchMemory({ bot }: Ground, signal: AbortSignal): Promise<number> {
  let most = 0;
  while (!signal.aborted) {
    most = Math.max(most, (await bot.memory()).bot);
    await sleep(STRIDE);
  }
  return most;
}
