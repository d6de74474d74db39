import { expect, test } from 'vitest';
import { namesFor, type NumberedDetection } from '../../src/rendering/names.js';

const box = { left: 0, top: 0, right: 1, bottom: 1 };

function labelled(...labels: readonly string[]): NumberedDetection[] {
  return labels.map((label, index) => ({ label, box, index }));
}

function many(label: string, count: number): string[] {
  return new Array<string>(count).fill(label);
}

test('a few objects bear their labels', () => {
  const { names, legend } = namesFor(labelled(...many('person', 11)));
  expect(names).toEqual(many('person', 11));
  expect(legend).toEqual([]);
});

test('in a crowd they bear numbers that a legend explains', () => {
  const { names, numbered, legend } = namesFor(labelled(...many('person', 36), 'dog'));
  expect(names.slice(0, 3)).toEqual(['1', '2', '3']);
  expect(names.slice(35)).toEqual(['36', 'dog']);
  expect(numbered.slice(35)).toEqual([true, false]);
  expect(legend).toEqual(['1–36  person']);
});

test('a crowd of several kinds, one among the other, has a line for each', () => {
  const { names, legend } = namesFor(
    labelled(...many('person', 4), ...many('lamp', 8), 'person', 'person', 'cat', 'person'),
  );
  expect(names.slice(11)).toEqual(['12', '13', '14', 'cat', '16']);
  expect(legend).toEqual(['1–4, 13–14, 16  person', '5–12  lamp']);
});

test('objects without a label bear nothing', () => {
  expect(namesFor(labelled(...many('', 20)))).toMatchObject({ names: many('', 20), legend: [] });
});

test('an object keeps its number when others are left out', () => {
  const { names, legend } = namesFor(labelled(...many('person', 20)).filter(({ index }) => index % 4 !== 0));
  expect(names.slice(0, 4)).toEqual(['2', '3', '4', '6']);
  expect(legend[0]).toMatch(/^2–4, 6–8, /);
});
