import type { Task } from '../task.js';

/** Recent times kept of each kind of task: enough for a steady median, few enough to follow a busier machine. */
const KEPT = 25;

/** How long recent jobs ran, by kind of task. All in milliseconds. */
export class RunningTimes {
  readonly #recent = new Map<Task['kind'], number[]>();

  add(kind: Task['kind'], milliseconds: number): void {
    this.#recent.set(kind, [...(this.#recent.get(kind) ?? []), milliseconds].slice(-KEPT));
  }

  /** Of the kinds that have run. */
  get medians(): Partial<Record<Task['kind'], number>> {
    return Object.fromEntries([...this.#recent].map(([kind, times]) => [kind, median(times)]));
  }

  /** The median of this kind, or of all while this one is unknown; undefined while nothing is known. */
  estimate(kind: Task['kind']): number | undefined {
    const times = this.#recent.get(kind) ?? [...this.#recent.values()].flat();
    return times.length === 0 ? undefined : median(times);
  }
}

/** @param values at least one */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
