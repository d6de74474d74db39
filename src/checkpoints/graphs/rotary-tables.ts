import type { TextConfig } from '../config.js';
import type { Rows } from '../rows.js';

/** Positions that are computed at once. */
const BLOCK = 256;

/**
 * Cosines or sines of the rotary embedding's angles, `[positions, headSize / 2]`.
 *
 * The angles are rounded to 32 bits at the same steps as in transformers: where a position turns by many
 * radians, exacter ones would differ from what checkpoints were trained and compared with.
 */
export function rotaryTable(of: (angle: number) => number, config: TextConfig): Rows {
  const columns = config.headSize / 2;
  const frequencies = Float32Array.from({ length: columns }, (_, pair) =>
    Math.fround(1 / Math.fround(config.ropeTheta ** Math.fround((2 * pair) / config.headSize))),
  );
  return {
    rows: config.maxPositions,
    columns,
    *blocks() {
      for (let first = 0; first < config.maxPositions; first += BLOCK) {
        const rows = Math.min(BLOCK, config.maxPositions - first);
        yield Float32Array.from({ length: rows * columns }, (_, index) => {
          const position = first + Math.floor(index / columns);
          return of(Math.fround(position * frequencies[index % columns]));
        });
      }
    },
  };
}
