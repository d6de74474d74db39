import { pino } from 'pino';
import { setTimeout as sleep } from 'node:timers/promises';
import { UnansweredStore } from '../../src/bot/unanswered/unanswered-store.js';
import type { Interaction } from '../../test/support/discord/strict-discord.js';
import { Ground, isAnswered } from './ground.js';
import type { TortureSection } from './section.js';

const MEMBERS = 25;
const WAITING = 50;
/** How often it is killed while the model stands still, so that all of them wait. */
const STILL = 3;
/** How long after the last acknowledgement it is killed otherwise: from the first answers to the last. Milliseconds. */
const KILLED_AFTER = [0, 50, 100, 300, 600, 1000, 1500];
const ANSWERED_WITHIN = { timeoutMs: 60_000 };

/** The bot is killed while fifty wait, and started again. */
export const botDies: TortureSection = {
  name: 'bot dies',
  run: async (report) => {
    // The last ones of the round before may still count as under way.
    const ground = await Ground.open(MEMBERS, { QUEUE_LIMIT: String(2 * WAITING) });
    try {
      let [waiting, answered, twice] = [0, 0, 0];
      const delays = [...Array.from({ length: STILL }, () => undefined), ...KILLED_AFTER];
      for (const delay of delays) {
        if (delay === undefined) {
          process.kill(ground.bot.worker, 'SIGSTOP');
        }
        const asked = await askFifty(ground);
        await sleep(delay ?? 0);
        await kill(ground);
        const left = asked.filter((interaction) => !isAnswered(interaction));
        waiting += left.length;
        await ground.startAgain();
        await Promise.allSettled(asked.map((interaction) => interaction.settled(ANSWERED_WITHIN)));
        answered += left.filter(isAnswered).length;
        left.filter((interaction) => !isAnswered(interaction)).forEach(tell);
        twice += asked.filter((interaction) => answersOf(interaction) > 1).length;
      }
      report.figure(`waiting when the bot was killed, ${delays.length} times`, waiting, {
        goal: `more than ${STILL * WAITING}`,
        met: waiting > STILL * WAITING,
      });
      report.figure('of these answered after the start', answered, {
        goal: 'all',
        met: answered === waiting,
      });
      report.figure('answered twice', twice, { goal: '0', met: twice === 0 });
      const { expired, logged } = await expire(ground);
      report.figure(`logged as expired, of ${expired} whose token had died`, logged, {
        goal: 'all',
        met: logged === expired,
      });
      const { length: violations } = ground.discord.violations;
      report.figure("violations of Discord's rules", violations, { goal: '0', met: violations === 0 });
    } finally {
      await ground.close();
    }
  },
};

/** What stands where an answer should. */
function tell({ id, original }: Interaction): void {
  process.stderr.write(`not answered: ${id}, ${original?.content ?? 'nothing'}\n`);
}

/** Kills the bot, and with it the model, which stands still perhaps. */
async function kill({ bot }: Ground): Promise<void> {
  const { worker } = bot;
  await bot.kill();
  try {
    process.kill(worker, 'SIGCONT');
  } catch {
    // It has ended with the bot.
  }
}

async function askFifty({ members, picture }: Ground): Promise<Interaction[]> {
  const asked = await Promise.all(
    Array.from({ length: WAITING }, (_, index) =>
      members[index % MEMBERS].slash('detect', { image: picture, objects: 'circle' }),
    ),
  );
  await Promise.all(asked.map(({ acknowledged }) => acknowledged));
  return asked;
}

/** How often the last content was put there. */
function answersOf({ original, followUps }: Interaction): number {
  return (
    (original?.edits.filter(({ content }) => content === original.content).length ?? 0) + followUps.length
  );
}

/** Kills the bot with fifty waiting, and starts it when it is too late for them. */
async function expire(ground: Ground): Promise<{ expired: number; logged: number }> {
  await askFifty(ground);
  await kill(ground);
  const store = await UnansweredStore.open(ground.store, pino({ level: 'silent' }));
  const requests = await store.all();
  await Promise.all(requests.map((request) => store.keep({ ...request, expiresAt: Date.now() - 1 })));
  await store.close();
  await ground.startAgain();
  const lines = ground.bot.lines.filter(({ msg }) => String(msg).includes('expired'));
  return { expired: requests.length, logged: lines.length };
}
