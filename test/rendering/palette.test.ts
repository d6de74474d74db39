import { describe, expect, test } from 'vitest';
import { relativeLuminance, strokeFor } from '../../src/rendering/palette.js';

/** What people with protanopia, deuteranopia and tritanopia see (Viénot 1999, Brettel 1997), linear RGB rows. */
const BLINDNESS: Readonly<Record<string, readonly (readonly [number, number, number])[]>> = {
  none: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.11238, 0.88762, 0],
    [0.11238, 0.88762, 0],
    [0.00401, -0.00401, 1],
  ],
  deuteranopia: [
    [0.29275, 0.70725, 0],
    [0.29275, 0.70725, 0],
    [-0.02234, 0.02234, 1],
  ],
  tritanopia: [
    [1, 0.14461, -0.14461],
    [0, 0.85924, 0.14076],
    [0, 0.85924, 0.14076],
  ],
};

function linear(colour: string): [number, number, number] {
  return [1, 3, 5].map((start) => {
    const value = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
}

/** CIE L*a*b* of linear sRGB, D65. */
function lab([red, green, blue]: [number, number, number]): [number, number, number] {
  const f = (value: number): number => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116);
  const x = f((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047);
  const y = f(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  const z = f((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

describe('strokeFor', () => {
  test.each(Object.entries(BLINDNESS))('its first seven colours are told apart with %s', (_name, rows) => {
    const seen = Array.from({ length: 7 }, (_, index) => {
      const colour = linear(strokeFor(index).colour);
      const as = rows.map((row) =>
        row.reduce((sum, weight, channel) => sum + weight * (colour[channel] ?? 0), 0),
      );
      return lab(as.map((value) => Math.max(0, value)) as [number, number, number]);
    });
    for (let first = 0; first < seen.length; first++) {
      for (let second = first + 1; second < seen.length; second++) {
        const difference = Math.hypot(
          ...(seen[first] ?? []).map((value, axis) => value - (seen[second]?.[axis] ?? 0)),
        );
        // Ten CIE76 units are several times what an eye just tells apart.
        expect(difference).toBeGreaterThan(10);
      }
    }
  });

  test('its text reaches a contrast of 4.5 on every colour', () => {
    for (let index = 0; index < 7; index++) {
      const { colour, textColour } = strokeFor(index);
      const [lighter, darker] = [relativeLuminance(colour), relativeLuminance(textColour)].sort(
        (a, b) => b - a,
      ) as [number, number];
      expect((lighter + 0.05) / (darker + 0.05)).toBeGreaterThanOrEqual(4.5);
    }
  });

  test('dashes the line once the colours begin again', () => {
    expect(strokeFor(7)).toStrictEqual({ ...strokeFor(0), dashed: true });
  });
});
