import type { Interaction } from '../../test/support/discord/strict-discord.js';
import { blueSquare, redCircle } from '../../test/support/drawn-pictures.js';
import { Ground, isAnswered } from './ground.js';
import type { TortureSection } from './section.js';

const JOBS = 3000;
const AT_ONCE = 20;
/** Jobs between two looks at the memory. */
const STRIDE = 10;
const WITHIN = { timeoutMs: 60_000 };

/** Three thousand jobs one after another: memory must not grow. */
export const soak: TortureSection = {
  name: 'soak',
  run: async (report) => {
    const ground = await Ground.open(AT_ONCE);
    try {
      const pictures = [ground.picture, ...(await furtherPictures(ground))];
      const samples: { bot: number; worker: number }[] = [];
      let [started, answered] = [0, 0];
      const keepAsking = async (line: number): Promise<void> => {
        while (started < JOBS) {
          const job = started++;
          const interaction = await ask(ground, line, pictures[job % pictures.length], job);
          await interaction.settled(WITHIN);
          answered += isAnswered(interaction) ? 1 : 0;
          if (job % STRIDE === 0) {
            samples.push(await ground.bot.memory());
          }
        }
      };
      await Promise.all(ground.members.map((_, line) => keepAsking(line)));
      report.figure(`answered, of ${JOBS}`, answered, { goal: 'all', met: answered === JOBS });
      for (const part of ['bot', 'worker'] as const) {
        const { grown, megabytes } = growth(samples.map((sample) => sample[part]));
        report.figure(
          `memory of the ${part} over the last half, at ${megabytes.toFixed(0)} MB`,
          `${grown >= 0 ? '+' : ''}${(100 * grown).toFixed(1)} %`,
          { goal: 'at most +5 %', met: grown <= 0.05 },
        );
      }
    } finally {
      await ground.close();
    }
  },
};

async function furtherPictures({ discord }: Ground): Promise<Ground['picture'][]> {
  const drawn = [await blueSquare(), await redCircle()];
  return drawn.map(({ png }, index) => discord.upload(png, { name: `picture-${index}.png` }));
}

async function ask(
  { members }: Ground,
  line: number,
  image: Ground['picture'],
  job: number,
): Promise<Interaction> {
  switch (job % 4) {
    case 0:
      return members[line].slash('describe', { image });
    case 1:
      return members[line].slash('ocr', { image });
    case 2:
      return members[line].slash('detect', { image, objects: 'circle, square' });
    default:
      return members[line].slash('ask', { image, question: 'what color is the shape?' });
  }
}

/** How much the memory has grown over the last half of all samples, as a share, along the line that fits them best. */
function growth(samples: readonly number[]): { grown: number; megabytes: number } {
  const last = samples.slice(samples.length >> 1);
  const middle = (last.length - 1) / 2;
  const average = mean(last);
  const steps = last.map((_, index) => index - middle);
  const perStep =
    mean(last.map((value, index) => (value - average) * steps[index])) / mean(steps.map((step) => step ** 2));
  const start = average - middle * perStep;
  return { grown: (2 * middle * perStep) / start, megabytes: average / 1e6 };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
