import { describe, expect, test } from 'vitest';
import { lineMeasuresFor, measuresFor } from '../../src/rendering/measures.js';

describe('measures', () => {
  test('grow with the picture', () => {
    expect(measuresFor({ width: 2048, height: 1365 })).toMatchObject({ fontSize: 60, lineWidth: 9 });
    expect(measuresFor({ width: 480, height: 360 })).toMatchObject({ fontSize: 14, lineWidth: 2 });
  });

  test.each([
    ['a tall screenshot', { width: 307, height: 2048 }],
    ['a panorama', { width: 2048, height: 307 }],
  ])('of %s follow its narrow side, as its objects do', (_name, size) => {
    expect(measuresFor(size)).toMatchObject({ fontSize: 23, lineWidth: 3 });
  });

  test('are as small as can be read on a strip', () => {
    expect(measuresFor({ width: 3000, height: 60 })).toMatchObject({ fontSize: 14, lineWidth: 2 });
  });

  test.each([
    [400, 9],
    [60, 6],
    [30, 3],
    [4, 1],
    [0, 1],
  ])('lines around an object whose shorter side is %i pixels are %i pixels wide', (side, lineWidth) => {
    const measures = measuresFor({ width: 2048, height: 1365 });
    const box = { left: 10, top: 10, right: 10 + side, bottom: 500 };
    expect(lineMeasuresFor(box, measures)).toEqual({ lineWidth, haloWidth: Math.ceil(lineWidth / 2) });
  });
});
