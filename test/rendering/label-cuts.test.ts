import { expect, test } from 'vitest';
import type { Context2D } from '../../src/rendering/context-2d.js';
import { drawLabel } from '../../src/rendering/labels.js';
import { strokeFor } from '../../src/rendering/palette.js';

/** What a label says on a picture of so many pixels, where each UTF-16 unit takes ten of them. */
function shownIn(width: number, text: string): string {
  const said: string[] = [];
  const context = new Proxy(
    {
      canvas: { width, height: 60 },
      measureText: (words: string) => ({ width: 10 * words.length }),
      fillText: (words: string) => said.push(words),
    },
    { get: (known, name) => (Reflect.get(known, name) as unknown) ?? (() => undefined) },
  );
  drawLabel(
    context as unknown as Context2D,
    text,
    { left: 0, top: 30, right: width, bottom: 60 },
    strokeFor(0),
    {
      measures: { fontSize: 10, padding: 2 },
      fontFamily: 'sans-serif',
      surroundings: { labels: [], objects: [] },
    },
  );
  return said.join('');
}

test.each([
  ['families', '👩‍👩‍👧‍👦'],
  ['flags', '🇩🇪'],
  ['Burmese', 'မြို့'],
  ['emoji', '😀'],
  ['letters with marks', 'e\u0301\u0323'],
])('a label is cut between characters as people see them: %s', (_name, character) => {
  for (const text of [character.repeat(300), `x${character.repeat(300)}`, `xy${character.repeat(300)}`]) {
    for (const width of [140, 171, 60_000]) {
      const cut = shownIn(width, text);
      expect(cut).toMatch(/.…$/u);
      expect(cut.replace(/^x?y?/, '').replaceAll(character, '')).toBe('…');
    }
  }
});
