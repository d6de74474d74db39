import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { redCircle } from '../../test/support/drawn-pictures.js';
import { endingOf, HarmedBot, type Ending } from '../../test/support/harmed-bot.js';
import type { Harm } from '../../test/support/harmed-worker.js';
import type { TortureSection } from './section.js';

const MEMBERS = 8;
/** Of those who ask at once, so many see a worker die at their picture. */
const DEATHS_OF_A_ROUND = 6;
/** There are rounds until workers have died so often. */
const DEATHS_ONCE = 84;
const DEADLY_PICTURES = 5;
const HANGS = 4;
/** While it is started again, one time after another. */
const DEATHS_AT_LOADING = 2;
const PAUSES = [0, 1000, 2000];

/** As it was built. */
const WORKER = fileURLToPath(new URL('../../dist/inference/worker/worker.js', import.meta.url));

const TWICE = 'The model stopped twice on this picture, so I gave up on it.';
const REFUSED = 'The model stopped twice on this picture before, so I do not try it again.';
const TOO_LONG = 'This took longer than 3 s, so I stopped it.';

/** The process that runs the model dies a hundred times. */
export const workerDies: TortureSection = {
  name: 'worker dies',
  run: async (report) => {
    const ground = await HarmedBot.start(MEMBERS, {
      entry: WORKER,
      execArgv: [],
      jobTimeLimitMs: 3000,
      patience: { timeLimitMs: 300 },
    });
    try {
      const { worker } = ground;
      const endings: Ending[] = [];
      let [outOfOrder, notAnswered] = [0, 0];
      for (let round = 0; worker.deaths < DEATHS_ONCE; round++) {
        const { ended, inOrder } = await killSome(ground, round);
        endings.push(...ended);
        notAnswered += ended.filter(({ answered }) => !answered).length;
        outOfOrder += inOrder ? 0 : 1;
      }
      const [once, diedOnce] = [endings.length, worker.deaths];
      const deadly = await showDeadlyPictures(ground);
      const hung = await hang(ground);
      const loading = await killWhileItLoads(ground);
      endings.push(...deadly, ...hung, loading.ending);

      const { deaths } = worker;
      report.figure('deaths of the worker', deaths, { goal: 'at least 100', met: deaths >= 100 });
      const clear = endings.filter(isClear).length;
      report.figure(`of ${endings.length} interactions, ended in an answer or one clear sentence`, clear, {
        goal: 'all',
        met: clear === endings.length,
      });
      report.figure(
        `not answered, of ${once} at whose pictures a worker died ${diedOnce} times`,
        notAnswered,
        {
          goal: '0',
          met: notAnswered === 0,
        },
      );
      report.figure('times somebody was served out of turn', outOfOrder, {
        goal: '0',
        met: outOfOrder === 0,
      });
      const refused = deadly.filter(({ text }) => text === REFUSED).length;
      report.figure('pictures that killed it twice, refused the third time', refused, {
        goal: `all ${DEADLY_PICTURES}`,
        met: refused === DEADLY_PICTURES,
      });
      report.figure('pauses while it kept dying', loading.pauses.map((ms) => `${ms / 1000} s`).join(', '), {
        goal: 'growing',
        met: PAUSES.every((pause, index) => loading.pauses[index] === pause),
      });
      const { length: violations } = ground.bot.discord.violations;
      report.figure("violations of Discord's rules", violations, { goal: '0', met: violations === 0 });
    } finally {
      await ground.close();
    }
  },
};

function isClear({ answered, text }: Ending): boolean {
  // Below the words that were said before, if there were any.
  return answered || [TWICE, REFUSED, TOO_LONG].some((sentence) => text.endsWith(sentence));
}

/** All ask at once, and at most of their pictures the worker dies, somewhere between its first stage and its last. */
async function killSome(ground: HarmedBot, round: number): Promise<{ ended: Ending[]; inOrder: boolean }> {
  const { worker, members } = ground;
  const signals = ['SIGKILL', 'SIGABRT', 'SIGSEGV'] as const;
  for (let death = 0; death < DEATHS_OF_A_ROUND; death++) {
    const number = round * DEATHS_OF_A_ROUND + death;
    const harm: Harm = {
      signal: signals[number % signals.length],
      stage: number % 4 === 3 ? 'answering' : 'looking',
      // At once, and then later and later: while it decodes, looks, reads the prompt and answers.
      afterMs: number % 4 === 3 ? 0 : (number * 3) % 60,
    };
    // The last members wait behind all of that.
    worker.harm(members[death].id, [harm]);
  }
  worker.order.length = 0;
  // Each its own, so that no picture's features are there already.
  const pictures = await Promise.all(members.map((_member, index) => circleIn(round * MEMBERS + index)));
  const asked = await ground.askInOrder(pictures);
  const ended = await Promise.all(asked.map((interaction) => endingOf(interaction)));
  const order = members.map(({ id }) => id);
  return { ended, inOrder: order.every((id, index) => worker.order[index] === id) };
}

/** At some pictures the worker dies whenever it looks at them. */
async function showDeadlyPictures(ground: HarmedBot): Promise<Ending[]> {
  const { worker, members } = ground;
  const endings: Ending[] = [];
  const deadly: Harm[] = [
    { signal: 'SIGKILL', stage: 'looking', afterMs: 0 },
    { signal: 'SIGABRT', stage: 'looking', afterMs: 0 },
    { signal: 'SIGSEGV', stage: 'looking', afterMs: 0 },
  ];
  for (let picture = 0; picture < DEADLY_PICTURES; picture++) {
    const file = await circleIn(1000 + picture);
    worker.harm(members[0].id, deadly);
    worker.harm(members[1].id, deadly);
    const asked = await ground.askInOrder([file, file, (await redCircle()).png]);
    worker.harm(members[1].id, []);
    endings.push(...(await Promise.all(asked.map((interaction) => endingOf(interaction)))));
  }
  worker.harm(members[0].id, []);
  return endings;
}

/** The worker stands still in the middle of a job. */
async function hang(ground: HarmedBot): Promise<Ending[]> {
  const { worker, members } = ground;
  const endings: Ending[] = [];
  for (let count = 0; count < HANGS; count++) {
    worker.harm(members[0].id, [{ signal: 'SIGSTOP', stage: 'looking', afterMs: count * 5 }]);
    const asked = await ground.askInOrder([await circleIn(2000 + count), (await redCircle()).png]);
    endings.push(...(await Promise.all(asked.map((interaction) => endingOf(interaction)))));
  }
  return endings;
}

/** It dies while nobody asks, and again each time it is started, while somebody waits for it. */
async function killWhileItLoads(ground: HarmedBot): Promise<{ ending: Ending; pauses: number[] }> {
  const { worker, members, bot } = ground;
  const restarts = (): number[] =>
    worker.events.flatMap((event) => (event.kind === 'restarting' ? [event.pauseMs] : []));
  const before = restarts().length;
  process.kill(worker.pid, 'SIGKILL');
  const image = bot.discord.upload((await redCircle()).png, { name: 'circle.png' });
  const waiting = await members[0].slash('detect', { image, objects: 'circle' });
  const killed = new Set<number>([worker.pid]);
  while (killed.size <= DEATHS_AT_LOADING) {
    for (const child of (await workerProcesses()).filter((pid) => !killed.has(pid))) {
      killed.add(child);
      process.kill(child, 'SIGKILL');
    }
    await sleep(5);
  }
  const ending = await endingOf(waiting);
  return { ending, pauses: restarts().slice(before) };
}

/** The processes with the model that this one has started; Linux alone tells. */
async function workerProcesses(): Promise<number[]> {
  const list = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8');
  const children = list.split(' ').filter(Boolean).map(Number);
  const commands = await Promise.all(
    children.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return children.filter((_pid, index) => commands[index].includes(WORKER));
}

/** A picture like no other. */
async function circleIn(number: number): Promise<Uint8Array> {
  const { png } = await redCircle();
  const text = Buffer.alloc(3);
  text.writeUIntBE(number, 0, 3);
  return sharp(png)
    .composite([{ input: text, raw: { width: 1, height: 1, channels: 3 }, left: 0, top: 0 }])
    .png()
    .toBuffer();
}
