import { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProgressLine } from '../../src/cli/progress-line.js';

/** Back to the start of the line, and away with what stands there. */
const CLEAR = '\r\u001b[K';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Standard error as a terminal of 40 columns, or as a file. */
function errorStream(isTTY: boolean): { stream: WriteStream; written: () => string } {
  let written = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString();
      done();
    },
  });
  return {
    stream: Object.assign(stream, { isTTY, columns: 40 }) as unknown as WriteStream,
    written: () => written,
  };
}

test('says nothing about what is done within a second', () => {
  const { stream, written } = errorStream(true);
  const line = new ProgressLine(stream);
  line.show('Loading the model');
  vi.advanceTimersByTime(900);
  line.end();
  vi.advanceTimersByTime(900);
  expect(written()).toBe('');
});

test('speaks up after a second even when nothing new is told', () => {
  const { stream, written } = errorStream(false);
  new ProgressLine(stream).show('Loading the model');
  vi.advanceTimersByTime(1000);
  expect(written()).toBe('Loading the model …\n');
});

test('where it is no terminal, each stage is one line however often its detail changes', () => {
  const { stream, written } = errorStream(false);
  const line = new ProgressLine(stream);
  vi.advanceTimersByTime(2000);
  line.show('Answering', 'a');
  line.show('Answering', 'a red');
  line.show('Answering', 'a red circle');
  line.end();
  expect(written()).toBe('Answering …\n');
});

test('on a terminal it is rewritten in place, shows the end of a long detail, and is taken away', () => {
  const { stream, written } = errorStream(true);
  const line = new ProgressLine(stream);
  vi.advanceTimersByTime(2000);
  line.show('Answering', 'a red circle and a blue star\non a striped background');
  expect(written().startsWith(`${CLEAR}…`)).toBe(true);
  expect(written()).toMatch(/on a striped background$/);
  expect(written().slice(CLEAR.length)).toHaveLength(39);
  line.end();
  expect(written().endsWith(CLEAR)).toBe(true);
});
