/** One line of what a bench prints. */
export interface Line {
  readonly what: string;
  readonly measured: string;
  readonly goal?: string;
  readonly reached?: boolean;
}

/** A Markdown table, as `bench/README.md` has it. */
export function table(lines: readonly Line[]): string {
  const rows = lines.map(({ what, measured, goal = '', reached }) => {
    const verdict = reached === undefined ? '' : reached ? 'reached' : 'missed';
    return `| ${what} | ${measured} | ${goal} | ${verdict} |`;
  });
  return ['| what | measured | goal | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

export function ratioLine(what: string, ratio: number, goal: { atMost: number } | { atLeast: number }): Line {
  const reached = 'atMost' in goal ? ratio <= goal.atMost : ratio >= goal.atLeast;
  const text = 'atMost' in goal ? `<= ${goal.atMost}` : `>= ${goal.atLeast}`;
  return { what, measured: ratio.toFixed(2), goal: text, reached };
}

export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;
export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
export const milliseconds = (time: number): string => `${time.toFixed(0)} ms`;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
