import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { redCircle } from '../../test/support/drawn-pictures.js';
import { endingOf, HarmedBot, type Ending } from '../../test/support/harmed-bot.js';
import { writeColourBlindModel } from '../../test/support/silent-models.js';
import type { TortureReport, TortureSection } from './section.js';

const MEMBERS = 12;
const PAUSES = [0, 50, 100, 200];
const FAULT = 'Something went wrong on my side, and it has been noted. Please try again.';
/** As it was built. */
const WORKER = fileURLToPath(new URL('../../dist/inference/worker/worker.js', import.meta.url));

/** A model that stands the test at its start fails in ONNX Runtime at whatever members ask. */
export const modelFails: TortureSection = {
  name: 'model fails',
  run: async (report) => {
    const folder = await mkdtemp(join(tmpdir(), 'glimpse-torture-'));
    try {
      await writeColourBlindModel(folder);
      const ground = await HarmedBot.start(MEMBERS, {
        model: folder,
        entry: WORKER,
        execArgv: [],
        restartPausesMs: PAUSES,
      });
      try {
        await fail(ground, report);
      } finally {
        await ground.close();
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

async function fail(ground: HarmedBot, report: TortureReport): Promise<void> {
  const { worker, bot } = ground;
  const { png } = await redCircle();
  const coloured = await endingsOf(ground, new Array<Uint8Array>(MEMBERS).fill(png));
  const clear = coloured.filter(({ text }) => text === FAULT).length;
  report.figure(`of ${MEMBERS} at which the model failed, ended in one clear sentence`, clear, {
    goal: 'all',
    met: clear === MEMBERS,
  });
  report.figure('workers replaced', worker.deaths, {
    goal: 'one after two failures',
    met: worker.deaths === MEMBERS,
  });
  const pauses = worker.events.flatMap((event) => (event.kind === 'restarting' ? [event.pauseMs] : []));
  report.figure('pauses while it kept failing', pauses.slice(0, PAUSES.length).join(', '), {
    goal: 'growing',
    met: PAUSES.every((pause, index) => pauses[index] === pause),
  });
  report.figure('health tells of it', worker.isFailing ? 'yes' : 'no', {
    goal: 'yes',
    met: worker.isFailing,
  });
  // The same picture in grey: had the picture been blamed, or the worker stayed away, there would be no answer.
  const [grey] = await endingsOf(ground, [
    await sharp(png).greyscale().toColourspace('srgb').png().toBuffer(),
  ]);
  const recovered = grey.text !== FAULT && !worker.isFailing;
  report.figure('answered at last, and health tells of that', recovered ? 'yes' : 'no', {
    goal: 'yes',
    met: recovered,
  });
  const { length: violations } = bot.discord.violations;
  report.figure("violations of Discord's rules", violations, { goal: '0', met: violations === 0 });
}

async function endingsOf(ground: HarmedBot, pictures: readonly Uint8Array[]): Promise<Ending[]> {
  const asked = await ground.askInOrder(pictures);
  return Promise.all(asked.map((interaction) => endingOf(interaction)));
}
