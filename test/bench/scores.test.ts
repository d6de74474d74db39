import { describe, expect, test } from 'vitest';
import { boxIou, editDistance, maskIou, matchBoxes, type PixelMask } from '../../bench/evaluation/scores.js';
import { Scoreboard } from '../../bench/evaluation/scoreboard.js';
import type { Answer, Detection, Task } from '../../src/task.js';

const box = (left: number, top: number, right: number, bottom: number): Detection['box'] => ({
  left,
  top,
  right,
  bottom,
});

function filled(left: number, top: number, width: number, height: number): PixelMask {
  return { left, top, width, height, coverage: new Uint8Array(width * height).fill(255) };
}

function answer(task: Task, text: string, detections: readonly Detection[] = []): Answer {
  return {
    task,
    text,
    detections,
    finish: 'complete',
    size: { width: 100, height: 100 },
    firstFrameOnly: false,
    timings: { decode: 0, vision: 0, prefill: 0, decodePerToken: 0, tokens: 0 },
  };
}

test('the overlap of boxes is the shared part of their common area', () => {
  expect(boxIou(box(0, 0, 10, 10), box(0, 0, 10, 10))).toBe(1);
  expect(boxIou(box(0, 0, 10, 10), box(5, 0, 15, 10))).toBeCloseTo(1 / 3);
  expect(boxIou(box(0, 0, 10, 10), box(10, 0, 20, 10))).toBe(0);
});

test('the overlap of masks is counted in pixels of the picture, wherever the masks begin', () => {
  expect(maskIou(filled(3, 4, 10, 10), filled(3, 4, 10, 10))).toBe(1);
  expect(maskIou(filled(0, 0, 10, 10), filled(5, 0, 10, 10))).toBeCloseTo(1 / 3);
  expect(maskIou(filled(0, 0, 4, 4), filled(4, 4, 4, 4))).toBe(0);
  const half = { ...filled(0, 0, 2, 1), coverage: new Uint8Array([127, 128]) };
  expect(maskIou(half, filled(1, 0, 1, 1))).toBe(1);
});

test('objects are paired by label, the best overlap first, each once', () => {
  const expected = [{ label: 'star', box: box(0, 0, 10, 10) }];
  const found = [
    { label: 'star', box: box(2, 0, 12, 10) },
    { label: 'star', box: box(0, 0, 10, 10) },
    { label: 'cross', box: box(0, 0, 10, 10) },
  ];
  expect(matchBoxes(found, expected, 0.5)).toEqual([{ found: 1, expected: 0, iou: 1 }]);
});

test('the edit distance counts insertions, deletions and substitutions', () => {
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(editDistance('', 'abc')).toBe(3);
  expect(editDistance('圆形', '圆')).toBe(1);
});

describe('the scoreboard', () => {
  const detect: Task = { kind: 'detect', objects: ['star'] };

  test('takes both a missed object and one too many off the F1', () => {
    const star = { label: 'star', box: box(0, 0, 10, 10) };
    const scoreboard = new Scoreboard();
    scoreboard.add(answer(detect, '', [star]), [star]);
    scoreboard.add(answer(detect, '', []), [star]);
    scoreboard.add(answer(detect, '', [star]), []);
    // Two found, two wanted, one right.
    expect(scoreboard.table()).toContain('| detect: F1 at IoU 0.5 | 0.500 | 2 objects |');
  });

  test('counts an object without a mask as no overlap', () => {
    const star = { label: 'star', box: box(0, 0, 10, 10) };
    const truth = { ...star, mask: filled(0, 0, 10, 10) };
    const mask = { box: star.box, width: 1, height: 1, values: Float32Array.of(1) };
    const scoreboard = new Scoreboard();
    const segment: Task = { kind: 'segment', objects: ['star'] };
    scoreboard.add(answer(segment, '', [{ ...star, mask }]), [truth]);
    scoreboard.add(answer(segment, '', [star]), [truth]);
    expect(scoreboard.table()).toContain('| segment: mean IoU of the masks | 0.500 | 2 objects |');
  });

  test('compares words letter by letter', () => {
    const scoreboard = new Scoreboard();
    scoreboard.add(answer({ kind: 'ocr' }, 'HELL'), 'HELLO');
    scoreboard.add(answer({ kind: 'ask', question: 'how many?', language: 'en' }, '2'), '2');
    const table = scoreboard.table();
    expect(table).toContain('| ocr: character error | 0.200 | 5 characters |');
    expect(table).toContain('| ask: exact | 1.000 | 1 questions |');
  });
});
