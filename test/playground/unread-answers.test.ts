import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { TaskState } from '../../src/playground/interface.js';
import { buildPage, type BuiltPage } from '../support/playground-under-test.js';
import { HEARTBEAT, MUCH, openUnread, read, WordyPlayground } from '../support/unread-answers.js';

let page: BuiltPage;

beforeAll(async () => {
  page = await buildPage();
});

afterAll(async () => {
  await page.remove();
});

async function start(standstillMs?: number): Promise<WordyPlayground> {
  const playground = await WordyPlayground.start({
    pageFolder: page.folder,
    ...(standstillMs === undefined ? {} : { standstillMs }),
  });
  onTestFinished(() => playground.close());
  return playground;
}

/** The state in the last event of a stream. */
function lastState(stream: string): TaskState {
  const [, data = ''] = /^data: (.*)$/m.exec(stream.slice(stream.lastIndexOf('event: '))) ?? [];
  return JSON.parse(data) as TaskState;
}

// A fault in a response comes as an uncaught exception, which fails the test that is running.
test.each([
  ['stops reading and goes on', 30 * HEARTBEAT, 0],
  ['reads slowly', 0, 1],
])('a visitor who %s gets the whole answer, and the others are served', async (_name, stopMs, pauseMs) => {
  const playground = await start();
  const events = await openUnread(await playground.ask());
  await sleep(stopMs);
  expect(await playground.isServing()).toBe(true);
  const state = lastState(await read(events, pauseMs));
  expect(state.state === 'answered' ? state.answer.text.length : state).toBe(MUCH);
});

test('a visitor who never reads is let go, and their answer is kept for the next try', async () => {
  const playground = await start(10 * HEARTBEAT);
  const address = await playground.ask();
  const stopped = await openUnread(address);
  await sleep(60 * HEARTBEAT);
  await expect(read(stopped, 0)).rejects.toThrow();
  expect(lastState(await read(await openUnread(address), 0)).state).toBe('answered');
});
