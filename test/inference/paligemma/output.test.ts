import { describe, expect, test } from 'vitest';
import { readObjects, wholeItems } from '../../../src/inference/paligemma/output.js';

/** In which a place is a pixel. */
const picture = { width: 1023, height: 1023 };
const codes = Array.from({ length: 16 }, (_, i) => i * 8);
const seg = (numbers: readonly number[]): string =>
  numbers.map((number) => `<seg${String(number).padStart(3, '0')}>`).join('');
const at = (top: number, left: number, bottom: number, right: number): string =>
  [top, left, bottom, right].map((place) => `<loc${String(place).padStart(4, '0')}>`).join('');

interface Expected {
  readonly label: string;
  /** Top, left, bottom, right, as in the model's words. */
  readonly box: readonly [number, number, number, number];
  readonly maskCodes?: readonly number[];
}

const cat: Expected = { label: 'cat', box: [10, 20, 300, 400] };
const dog: Expected = { label: 'dog', box: [500, 600, 700, 800] };

describe('what the model writes, right or wrong', () => {
  test.each<[name: string, text: string, expected: readonly Expected[], asked?: readonly string[]]>([
    ['one object', `${at(10, 20, 300, 400)} cat`, [cat]],
    ['two objects', `${at(10, 20, 300, 400)} cat ; ${at(500, 600, 700, 800)} dog`, [cat, dog]],
    ['without spaces', `${at(10, 20, 300, 400)}cat;${at(500, 600, 700, 800)}dog`, [cat, dog]],
    ['without a separator', `${at(10, 20, 300, 400)} cat ${at(500, 600, 700, 800)} dog`, [cat, dog]],
    ['spaces between the places', `${at(10, 20, 300, 400).replaceAll('>', '> ')}cat`, [cat]],
    ['words before', `I see ${at(10, 20, 300, 400)} cat`, [cat]],
    ['a separator before and after', `; ${at(10, 20, 300, 400)} cat ; `, [cat]],
    ['another token after the label', `${at(10, 20, 300, 400)} cat<eos>`, [cat]],
    ['a label of two words', `${at(10, 20, 300, 400)} big cat`, [{ ...cat, label: 'big cat' }]],
    ['no label, two asked', at(10, 20, 300, 400), [{ ...cat, label: '' }], ['cat', 'dog']],
    ['no label, one asked', at(10, 20, 300, 400), [cat], ['cat']],
    ['another label than asked', `${at(500, 600, 700, 800)} dog`, [dog], ['cat']],
    ['the same twice', `${at(10, 20, 300, 400)} cat ; ${at(11, 20, 300, 401)} cat`, [cat]],
    [
      'two labels at one place',
      `${at(10, 20, 300, 400)} cat ; ${at(10, 20, 300, 400)} dog`,
      [cat, { ...cat, label: 'dog' }],
    ],
    [
      'one label at two places that overlap less',
      `${at(10, 20, 300, 400)} cat ; ${at(60, 20, 300, 400)} cat`,
      [cat, { label: 'cat', box: [60, 20, 300, 400] }],
    ],
    ['corners in the wrong order', `${at(300, 400, 10, 20)} cat`, [cat]],
    ['a box without height', `${at(10, 20, 10, 400)} cat ; ${at(500, 600, 700, 800)} dog`, [dog]],
    ['a box without width', `${at(10, 20, 300, 20)} cat`, []],
    ['half a box', '<loc0010><loc0020> cat', []],
    ['half a box before another', `<loc0010><loc0020> cat ; ${at(500, 600, 700, 800)} dog`, [dog]],
    ['half a box run into another', `<loc0001><loc0002>${at(500, 600, 700, 800)} dog`, [dog]],
    [
      'two boxes run together: the last has the label',
      `${at(10, 20, 300, 400)}${at(500, 600, 700, 800)} dog`,
      [{ ...cat, label: '' }, dog],
    ],
    ['a place beyond the last', `${at(10, 20, 300, 1024)} cat`, []],
    ['the whole picture', `${at(0, 0, 1023, 1023)} cat`, [{ label: 'cat', box: [0, 0, 1023, 1023] }]],
    ['no place at all', 'cat ; dog', []],
    ['nothing', '', []],
    ['a mask', `${at(10, 20, 300, 400)}${seg(codes)} cat`, [{ ...cat, maskCodes: codes }]],
    [
      'a mask, then a box',
      `${at(10, 20, 300, 400)} ${seg(codes)} cat ; ${at(500, 600, 700, 800)} dog`,
      [{ ...cat, maskCodes: codes }, dog],
    ],
    ['a mask of 15 words', `${at(10, 20, 300, 400)}${seg(codes.slice(1))} cat`, [cat]],
    ['a mask of 17 words', `${at(10, 20, 300, 400)}${seg([...codes, 1])} cat`, [cat]],
    ['a mask without a box', `${seg(codes)} cat`, []],
  ])('%s', (_name, text, expected, asked = ['cat', 'dog']) => {
    const { objects } = readObjects(text, picture, asked);
    expect(objects).toEqual(
      expected.map(({ label, box: [top, left, bottom, right], maskCodes }) => ({
        label,
        box: { left, top, right, bottom },
        maskCodes,
      })),
    );
  });
});

test('places are shares of the width and of the height', () => {
  const { objects } = readObjects(`${at(0, 341, 1023, 682)} cat`, { width: 300, height: 50 }, []);
  expect(objects[0].box).toEqual({ left: 100, top: 0, right: 200, bottom: 50 });
});

test('repeats are counted that nothing new follows', () => {
  const cats = [1, 2, 3].map((row) => `${at(row * 100, 20, row * 100 + 50, 400)} cat`);
  const duplicates = (...said: number[]): number =>
    readObjects(said.map((row) => cats[row]).join(' ; '), picture, []).duplicatesAtEnd;
  expect(duplicates(0, 1, 2)).toBe(0);
  expect(duplicates(0, 0, 0)).toBe(2);
  expect(duplicates(0, 1, 0, 1, 2)).toBe(0);
  expect(duplicates(0, 1, 0, 1, 2, 1)).toBe(1);
});

test('of an unfinished answer only whole items count', () => {
  expect(wholeItems('<loc0001> a ; <loc0002> b')).toBe('<loc0001> a ;');
  expect(wholeItems('<loc0001> a')).toBe('');
});
