import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { LiveReply } from '../../src/bot/live-reply.js';

/** Edits that arrive in the order and at the times in which they were made. */
function recorder(editTime = 0): {
  edits: { content: string; at: number }[];
  edit: (content: string) => Promise<string>;
} {
  const edits: { content: string; at: number }[] = [];
  return {
    edits,
    edit: async (content) => {
      edits.push({ content, at: performance.now() });
      await sleep(editTime);
      return `message ${content}`;
    },
  };
}

const silent = (): void => undefined;

test('a quick answer comes in one piece', async () => {
  const { edits, edit } = recorder();
  const live = new LiveReply({ edit, deliver: edit, onError: silent, patience: 5000 });
  live.show(() => 'looking');
  live.show(() => 'half');
  await expect(live.finish('whole')).resolves.toBe('message whole');
  expect(edits.map(({ content }) => content)).toEqual(['whole']);
});

test('edits keep their distance, and what comes faster is left out', async () => {
  const { edits, edit } = recorder();
  const started = performance.now();
  const live = new LiveReply({ edit, deliver: edit, onError: silent, patience: 0, interval: 60 });
  for (let word = 0; word < 30; word++) {
    live.show(() => `word ${word}`);
    await sleep(10);
  }
  await live.finish('end');
  expect(edits.length).toBeGreaterThan(2);
  // The last is not held back. Of those before it each may begin 60 ms after the one before, however slow the machine is.
  edits.slice(0, -1).forEach(({ at }, index) => {
    expect(at - started).toBeGreaterThan(index * 60 - 2);
  });
});

test('the last content waits for an edit under way, and nothing comes after it', async () => {
  const { edits, edit } = recorder(50);
  const live = new LiveReply({ edit, deliver: edit, onError: silent, patience: 0, interval: 0 });
  live.show(() => 'first');
  await sleep(10);
  live.show(() => 'never shown');
  await live.finish('last');
  live.show(() => 'too late');
  await sleep(80);
  expect(edits.map(({ content }) => content)).toEqual(['first', 'last']);
  expect((edits[1]?.at ?? 0) - (edits[0]?.at ?? 0)).toBeGreaterThan(45);
});

test('an edit that fails is told, and the next is tried all the same', async () => {
  const errors: unknown[] = [];
  const shown: string[] = [];
  const edit = (content: string): Promise<string> => {
    if (content === 'bad') {
      return Promise.reject(new Error('refused'));
    }
    shown.push(content);
    return Promise.resolve(content);
  };
  const live = new LiveReply({
    edit,
    deliver: edit,
    onError: (error) => errors.push(error),
    patience: 0,
    interval: 0,
  });
  live.show(() => 'bad');
  await sleep(10);
  live.show(() => 'good');
  await sleep(10);
  await live.finish('end');
  expect(errors).toEqual([new Error('refused')]);
  expect(shown).toEqual(['good', 'end']);
});

test('a last edit that fails throws', async () => {
  const live = new LiveReply({
    edit: () => Promise.resolve(),
    deliver: () => Promise.reject(new Error('gone')),
    onError: silent,
  });
  await expect(live.finish('end')).rejects.toThrow('gone');
});
