import { fileURLToPath } from 'node:url';
import { DecodingWorker, memoryOf, type Decoding } from '../../test/support/decoding-worker.js';
import { endingOf, HarmedBot, type Ending } from '../../test/support/harmed-bot.js';
import { hostilePictures, type HostilePicture } from '../../test/support/hostile/hostile-pictures.js';
import type { TortureReport, TortureSection } from './section.js';

const FILES = 10_000;
/** Every so many'th of the mutated ones goes the whole way to an answer, as do all that were made with care. */
const SAMPLE = 100;
const MEMBERS = 12;
const TIME_LIMIT_S = 60;
/** Beside the model. */
const MEMORY_GIB = 1.5;
/** As it was built. */
const WORKER = fileURLToPath(new URL('../../dist/inference/worker/worker.js', import.meta.url));
/** What a member is told of such files. */
const REFUSALS = [
  /^This file is not a picture that I read\./,
  /^The picture is damaged or incomplete\.$/,
  /^The picture is too large: it has more than (100|50) megapixels\.$/,
];

/** Files that are meant to do harm are sent as pictures. */
export const hostilePicturesSection: TortureSection = {
  name: 'hostile pictures',
  run: async (report) => {
    const sample = await decodeAll(report);
    await answerSome(sample, report);
  },
};

/** All of them go through the worker's decoder. @returns those that are to go further */
async function decodeAll(report: TortureReport): Promise<HostilePicture[]> {
  const worker = new DecodingWorker(WORKER, []);
  const counts: Record<Decoding, number> = { decoded: 0, refused: 0, failed: 0, died: 0 };
  const sample: HostilePicture[] = [];
  let slowest = 0;
  let number = 0;
  const { now: before } = await worker.memory();
  try {
    for await (const picture of hostilePictures({ count: FILES, heavy: true })) {
      const started = performance.now();
      const decoding = await worker.decode(picture.bytes);
      slowest = Math.max(slowest, performance.now() - started);
      counts[decoding]++;
      if (decoding === 'failed' || decoding === 'died') {
        process.stderr.write(`${picture.name}: ${decoding}\n`);
      }
      if (!picture.mutated || number % SAMPLE === 0) {
        sample.push(picture);
      }
      number++;
    }
    const { peak } = await worker.memory();
    const { decoded, refused, failed, died } = counts;
    report.figure(`files decoded, refused in a sentence`, `${decoded}, ${refused}`, {
      goal: `${FILES} in all`,
      met: decoded + refused === FILES,
    });
    report.figure('files at which the worker failed or died', failed + died, {
      goal: '0',
      met: failed + died === 0,
    });
    report.figure('slowest of them', `${(slowest / 1000).toFixed(1)} s`, {
      goal: `under ${TIME_LIMIT_S} s`,
      met: slowest < TIME_LIMIT_S * 1000,
    });
    reportMemory('most memory of the decoding worker, beside the model', peak - before, report);
  } finally {
    await worker.close();
  }
  return sample;
}

/** Members send some of them to the bot, each under a name that says nothing of what it is. */
async function answerSome(sample: readonly HostilePicture[], report: TortureReport): Promise<void> {
  const ground = await HarmedBot.start(MEMBERS, {
    entry: WORKER,
    execArgv: [],
    jobTimeLimitMs: TIME_LIMIT_S * 1000,
  });
  try {
    const { now: before } = await memoryOf(ground.worker.pid);
    const endings: Ending[] = [];
    const waiting = [...sample.entries()];
    const { discord } = ground.bot;
    await Promise.all(
      ground.members.map(async (member) => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const [index, { bytes }] = next;
          const name = `picture.${EXTENSIONS[index % EXTENSIONS.length]}`;
          const image = discord.upload(bytes, { name, omitDimensions: true });
          endings.push(await endingOf(await member.slash('detect', { image, objects: 'circle' })));
        }
      }),
    );
    const { peak } = await memoryOf(ground.worker.pid);
    const answered = endings.filter(({ answered }) => answered).length;
    const refused = endings.filter(({ text }) => REFUSALS.some((refusal) => refusal.test(text))).length;
    report.figure(
      `of ${sample.length} sent to the bot, answered, refused in a sentence`,
      `${answered}, ${refused}`,
      {
        goal: 'all',
        met: answered + refused === sample.length,
      },
    );
    reportMemory('most memory of the answering worker, beside the model', peak - before, report);
    const { deaths } = ground.worker;
    report.figure('deaths of the answering worker', deaths, { goal: '0', met: deaths === 0 });
    const { length: violations } = discord.violations;
    report.figure("violations of Discord's rules", violations, { goal: '0', met: violations === 0 });
  } finally {
    await ground.close();
  }
}

const EXTENSIONS = ['png', 'jpg', 'webp', 'gif', 'avif'];

function reportMemory(name: string, bytes: number, report: TortureReport): void {
  const gibibytes = bytes / 2 ** 30;
  report.figure(name, `${gibibytes.toFixed(2)} GiB`, {
    goal: `under ${MEMORY_GIB} GiB`,
    met: gibibytes < MEMORY_GIB,
  });
}
