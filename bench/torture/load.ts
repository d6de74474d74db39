import { setTimeout as sleep } from 'node:timers/promises';
import type { Interaction } from '../../test/support/discord/strict-discord.js';
import { Ground, isAnswered, percentile } from './ground.js';
import type { TortureSection } from './section.js';

const MEMBERS = 200;
const WAVES = 20;
const WAVE = 50;
const INTERACTIONS = WAVES * WAVE;
/** Between the beginnings of two waves, a minute in all. Milliseconds. */
const INTERVAL = 60_000 / WAVES;
/** Half a wave has to be refused. */
const QUEUE_LIMIT = 25;
/** Every so many'th member presses Cancel as soon as they can. */
const CANCELLED = 10;
const WITHIN = { timeoutMs: 120_000 };

/** A thousand interactions in a minute, in waves that the queue has no room for. */
export const load: TortureSection = {
  name: 'load',
  run: async (report) => {
    const ground = await Ground.open(MEMBERS, { QUEUE_LIMIT: String(QUEUE_LIMIT) });
    try {
      const asked = await askForAMinute(ground);
      const acknowledged = await Promise.allSettled(asked.map((interaction) => interaction.acknowledged));
      const times = acknowledged.flatMap((outcome) =>
        outcome.status === 'fulfilled' ? [outcome.value.afterMs] : [],
      );
      const p99 = Math.round(percentile(times, 99));
      report.figure(`acknowledged within 3 s, of ${INTERACTIONS}`, times.length, {
        goal: 'all',
        met: times.length === INTERACTIONS,
      });
      report.figure('acknowledged, p99', `${p99} ms`, { goal: 'under 300 ms', met: p99 < 300 });
      const ends = await Promise.allSettled(asked.map((interaction) => interaction.settled(WITHIN)));
      const messages = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value.content] : []));
      const answered = asked.filter(isAnswered).length;
      const refused = messages.filter((content) => content.startsWith('Too many pictures')).length;
      const cancelled = messages.filter((content) => /^(?:[^]*\n-# )?Cancelled/.test(content)).length;
      report.figure(
        `ended: ${answered} answers, ${refused} refused, ${cancelled} cancelled`,
        answered + refused + cancelled,
        { goal: 'all', met: answered + refused + cancelled === INTERACTIONS },
      );
      const { length: violations } = ground.discord.violations;
      report.figure("violations of Discord's rules", violations, { goal: '0', met: violations === 0 });
    } finally {
      await ground.close();
    }
  },
};

async function askForAMinute({ members, picture }: Ground): Promise<Interaction[]> {
  const started = performance.now();
  const asked: Interaction[] = [];
  for (let wave = 0; wave < WAVES; wave++) {
    await sleep(Math.max(0, started + wave * INTERVAL - performance.now()));
    const first = wave * WAVE;
    const theirs = await Promise.all(
      Array.from({ length: WAVE }, (_, index) =>
        members[((first + index) * 7) % MEMBERS].slash('describe', { image: picture }),
      ),
    );
    theirs.filter((_, index) => index % CANCELLED === 0).forEach((interaction) => void cancel(interaction));
    asked.push(...theirs);
  }
  return asked;
}

/** Presses Cancel as soon as it is there, if it is ever. */
async function cancel(interaction: Interaction): Promise<void> {
  const hasCancel = ({ buttons }: { buttons: readonly { label?: string | undefined }[] }): boolean =>
    buttons.some(({ label }) => label === 'Cancel');
  try {
    const message = await interaction.settled({ ...WITHIN, until: hasCancel });
    await interaction.options.member.click(message, 'Cancel');
  } catch {
    // It was refused, or answered before.
  }
}
