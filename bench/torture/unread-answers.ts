import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { HEARTBEAT, MUCH, openUnread, read, WordyPlayground } from '../../test/support/unread-answers.js';
import type { TortureReport, TortureSection } from './section.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const READERS = 12;
/** How long who reads nothing is waited for. Milliseconds. */
const STANDSTILL = 3000;

/** Visitors of the playground read their long answers slowly, late or never. */
export const unreadAnswers: TortureSection = {
  name: 'unread answers',
  run: async (report) => {
    const faults: unknown[] = [];
    const onFault = (error: unknown): void => {
      faults.push(error);
    };
    process.on('uncaughtException', onFault);
    try {
      await withPlayground(undefined, (playground) => readLater(playground, report));
      await withPlayground(STANDSTILL, (playground) => letGo(playground, report));
    } finally {
      process.off('uncaughtException', onFault);
    }
    report.figure('faults that would have ended the process', faults.length, {
      goal: '0',
      met: faults.length === 0,
    });
  },
};

async function withPlayground(
  standstillMs: number | undefined,
  use: (playground: WordyPlayground) => Promise<void>,
): Promise<void> {
  const playground = await WordyPlayground.start(standstillMs === undefined ? {} : { standstillMs });
  try {
    await use(playground);
  } finally {
    await playground.close();
  }
}

/** Half of them stop before they read on, the others read slowly from the start. */
async function readLater(playground: WordyPlayground, report: TortureReport): Promise<void> {
  const reading: Promise<string>[] = [];
  for (let index = 0; index < READERS; index++) {
    const events = await openUnread(await playground.ask());
    const stopMs = index % 2 === 0 ? 40 * HEARTBEAT : 0;
    reading.push(sleep(stopMs).then(() => read(events, index % 2)));
  }
  const answers = await Promise.all(reading);
  const whole = answers.filter((answer) => answer.length > MUCH && answer.endsWith('\n\n')).length;
  report.figure(
    `answers of ${MUCH / 2 ** 20} MiB that came whole, of ${READERS} read late or slowly`,
    whole,
    {
      goal: 'all',
      met: whole === READERS,
    },
  );
}

/** All ask for one answer, and never read it. */
async function letGo(playground: WordyPlayground, report: TortureReport): Promise<void> {
  const address = await playground.ask();
  await read(await openUnread(address), 0);
  const before = await heldBytes();
  const stopped = await Promise.all(Array.from({ length: READERS }, () => openUnread(address)));
  const held = ((await heldBytes()) - before) / 2 ** 20;
  report.figure(`memory that ${READERS} visitors take who never read theirs`, `${held.toFixed(0)} MiB`, {
    goal: `under ${MUCH / 2 ** 20} MiB, one answer`,
    met: held < MUCH / 2 ** 20,
  });
  await sleep(3 * STANDSTILL);
  const ends = await Promise.allSettled(stopped.map((events) => read(events, 0)));
  const gone = ends.filter(({ status }) => status === 'rejected').length;
  report.figure(`of them let go after ${STANDSTILL / 1000} s`, gone, {
    goal: 'all',
    met: gone === READERS && (await playground.isServing()),
  });
}

async function heldBytes(): Promise<number> {
  collectGarbage();
  // Buffers are given back a little later than the objects that hold them.
  await sleep(500);
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}
