import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { blueSquare, redCircle } from '../support/drawn-pictures.js';
import { endingOf, HarmedBot } from '../support/harmed-bot.js';
import type { Harm } from '../support/harmed-worker.js';
import { UNDER_TSX } from '../support/worker-jobs.js';

const MEMBERS = 6;
const HUNG: Harm = { signal: 'SIGSTOP', stage: 'looking', afterMs: 0 };

let ground: HarmedBot;
let circle: Uint8Array;

beforeAll(async () => {
  ground = await HarmedBot.start(MEMBERS, {
    execArgv: UNDER_TSX,
    jobTimeLimitMs: 3000,
    patience: { timeLimitMs: 100 },
    restartPausesMs: [0],
  });
  circle = (await redCircle()).png;
});

afterEach(() => {
  expect(ground.bot.discord.violations).toEqual([]);
});

afterAll(async () => {
  await ground.close();
});

test('a worker that dies at any stage costs nobody their answer or their turn', async () => {
  const { worker, members } = ground;
  worker.harm(members[0].id, [{ signal: 'SIGKILL', stage: 'looking', afterMs: 0 }]);
  worker.harm(members[2].id, [{ signal: 'SIGABRT', stage: 'answering', afterMs: 0 }]);
  worker.harm(members[3].id, [{ signal: 'SIGSEGV', stage: 'looking', afterMs: 5 }]);
  const asked = await ground.askInOrder(new Array<Uint8Array>(MEMBERS).fill(circle));
  const endings = await Promise.all(asked.map((interaction) => endingOf(interaction)));
  expect(endings.map(({ answered }) => answered)).toEqual(new Array<boolean>(MEMBERS).fill(true));
  expect(worker.order).toEqual(members.map(({ id }) => id));
  expect(worker.deaths).toBe(3);
});

test('a picture at which it dies twice is given up, and not tried for the next who shows it', async () => {
  const { worker, members } = ground;
  const deaths = worker.deaths;
  const square = (await blueSquare()).png;
  worker.harm(members[0].id, [
    { signal: 'SIGKILL', stage: 'looking', afterMs: 0 },
    { signal: 'SIGABRT', stage: 'looking', afterMs: 0 },
  ]);
  const asked = await ground.askInOrder([square, circle, square]);
  const [first, other, second] = await Promise.all(asked.map((interaction) => endingOf(interaction)));
  expect(first.text).toBe('The model stopped twice on this picture, so I gave up on it.');
  expect(other.answered).toBe(true);
  expect(second.text).toBe('The model stopped twice on this picture before, so I do not try it again.');
  expect(worker.deaths - deaths).toBe(2);
});

test('one that hangs is killed when the time is up, which is said, and the next is answered', async () => {
  const { worker, members } = ground;
  worker.harm(members[0].id, [HUNG]);
  const asked = await ground.askInOrder([circle, circle]);
  const [hung, next] = await Promise.all(asked.map((interaction) => endingOf(interaction)));
  expect(hung.text).toBe('This took longer than 3 s, so I stopped it.');
  expect(next.answered).toBe(true);
});
