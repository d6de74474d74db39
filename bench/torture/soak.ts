import type { Interaction } from '../../test/support/discord/strict-discord.js';
import { blueSquare, redCircle } from '../../test/support/drawn-pictures.js';
import { Ground, isAnswered } from './ground.js';
import type { TortureSection } from './section.js';

const JOBS = 3000;
const AT_ONCE = 20;
/** Jobs between two looks at the memory. */
const STRIDE = 10;
const WITHIN = { timeoutMs: 60_000 };

const MONITORING_PORT = '19465';

/**
 * Three thousand jobs one after another: memory must not grow. Of the bot that is what its heap and its buffers hold:
 * Node collects garbage late, so that the memory that the system counts goes up and down by a quarter meanwhile, which
 * would hide what a leak adds. Of the worker, whose memory is ONNX Runtime's, it is what the system counts.
 */
export const soak: TortureSection = {
  name: 'soak',
  run: async (report) => {
    const ground = await Ground.open(AT_ONCE, { MONITORING_PORT });
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
            const [bot, { worker }] = await Promise.all([ground.bot.heapInUse(), ground.bot.memory()]);
            samples.push({ bot, worker });
          }
        }
      };
      await Promise.all(ground.members.map((_, line) => keepAsking(line)));
      report.figure(`answered, of ${JOBS}`, answered, { goal: 'all', met: answered === JOBS });
      for (const part of ['bot', 'worker'] as const) {
        const { grown, megabytes } = growth(samples.map((sample) => sample[part]));
        report.figure(
          `memory of the ${part}, last quarter beside the one before, at ${megabytes.toFixed(0)} MB`,
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

/**
 * How much the memory has grown, as a share, from the third quarter of all samples to the last: the least of each, when
 * garbage has just been collected.
 */
function growth(samples: readonly number[]): { grown: number; megabytes: number } {
  const [half, threeQuarters] = [samples.length >> 1, (3 * samples.length) >> 2];
  const before = Math.min(...samples.slice(half, threeQuarters));
  const last = Math.min(...samples.slice(threeQuarters));
  return { grown: last / before - 1, megabytes: last / 1e6 };
}
