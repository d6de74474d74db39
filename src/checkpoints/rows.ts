/**
 * Weights as they are read: a matrix whose rows come a few at a time, so that no tensor need fit in memory.
 * Tensors of more dimensions count all but the first as columns; vectors have one column.
 */
export interface Rows {
  readonly rows: number;
  readonly columns: number;
  /** Whole rows in their order, one after another, each for whoever takes it to keep; may be asked for again. */
  blocks(): AsyncIterable<Float32Array> | Iterable<Float32Array>;
}

/** The rows of several matrices of equal width, one matrix after another: one product then computes them all. */
export function stacked(parts: readonly Rows[]): Rows {
  const [{ columns }] = parts;
  return {
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    columns,
    async *blocks() {
      for (const part of parts) {
        yield* part.blocks();
      }
    },
  };
}

/** The first `count` rows. */
export function firstRows(source: Rows, count: number): Rows {
  const { columns } = source;
  return {
    rows: count,
    columns,
    async *blocks() {
      let left = count * columns;
      for await (const block of source.blocks()) {
        const wanted = block.subarray(0, left);
        left -= block.length;
        yield wanted;
        if (left <= 0) {
          return;
        }
      }
    },
  };
}

/** Every element changed. */
export function mapped(source: Rows, change: (value: number) => number): Rows {
  return {
    rows: source.rows,
    columns: source.columns,
    async *blocks() {
      for await (const block of source.blocks()) {
        yield block.map(change);
      }
    },
  };
}

/** Every element times a power of two, which changes no digit of it. */
export function scaled(source: Rows, factor: number): Rows {
  return factor === 1 ? source : mapped(source, (value) => value * factor);
}

/** The same matrix with rows of zeros below it. */
export function withZeroRows(source: Rows, rows: number): Rows {
  const { columns } = source;
  return {
    rows,
    columns,
    async *blocks() {
      yield* source.blocks();
      if (rows > source.rows) {
        yield new Float32Array((rows - source.rows) * columns);
      }
    },
  };
}

/** The same matrix with columns of zeros behind it. */
export function withZeroColumns(source: Rows, columns: number): Rows {
  return {
    rows: source.rows,
    columns,
    async *blocks() {
      for await (const block of source.blocks()) {
        const rows = block.length / source.columns;
        const wider = new Float32Array(rows * columns);
        for (let row = 0; row < rows; row++) {
          wider.set(block.subarray(row * source.columns, (row + 1) * source.columns), row * columns);
        }
        yield wider;
      }
    },
  };
}
