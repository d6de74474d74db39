/** One requester's jobs, in the order in which they came. */
interface Line<Item> {
  /** Virtual time at which the first of them may start; each of the others may start one unit later. */
  start: number;
  readonly waiting: { readonly item: Item; readonly arrival: number }[];
}

interface Tagged<Item> {
  readonly item: Item;
  readonly start: number;
  readonly arrival: number;
}

/**
 * Whose turn it is among requesters who each have a line of their own: fair queueing in virtual time, where a job is
 * one unit of service and the units of a moment are shared by all who want some.
 *
 * One requester's ten jobs stand behind another's first. As virtual time goes on, those who come late start late, so
 * that no stream of new requesters keeps an old job waiting for ever.
 */
export class FairOrder<Item> {
  readonly #lines = new Map<string, Line<Item>>();
  #virtualTime = 0;
  #arrivals = 0;
  #serving = false;

  get size(): number {
    return [...this.#lines.values()].reduce((total, { waiting }) => total + waiting.length, 0);
  }

  /** All that wait, the next first. */
  items(): Item[] {
    return this.#tagged().map(({ item }) => item);
  }

  /** Those that a new job of this requester would have to wait for. */
  ahead(requester: string): Item[] {
    const line = this.#lines.get(requester);
    const start = this.#startOf(line) + (line?.waiting.length ?? 0);
    return this.#tagged()
      .filter((other) => other.start <= start)
      .map(({ item }) => item);
  }

  add(requester: string, item: Item): void {
    let line = this.#lines.get(requester);
    if (line === undefined) {
      line = { start: this.#virtualTime, waiting: [] };
      this.#lines.set(requester, line);
    }
    line.start = this.#startOf(line);
    line.waiting.push({ item, arrival: this.#arrivals++ });
  }

  /** Those behind it in its line move up. */
  remove(requester: string, item: Item): void {
    const waiting = this.#lines.get(requester)?.waiting ?? [];
    const index = waiting.findIndex((waits) => waits.item === item);
    if (index !== -1) {
      waiting.splice(index, 1);
    }
  }

  /** Takes out the one whose turn it is; the one taken before it has then been served. */
  take(): Item | undefined {
    if (this.#serving) {
      this.#virtualTime += 1 / Math.max(this.#lines.size, 1);
    }
    const next = this.#tagged().at(0);
    this.#serving = next !== undefined;
    if (next !== undefined) {
      this.#virtualTime = Math.max(this.#virtualTime, next.start);
      for (const line of this.#lines.values()) {
        if (line.waiting.at(0)?.item === next.item) {
          line.waiting.shift();
          line.start = next.start + 1;
        }
      }
    }
    this.#forgetServed();
    return next?.item;
  }

  /** Forgets who was served: when nothing waits and nothing runs, nobody owes anybody a turn. */
  startAfresh(): void {
    this.#lines.clear();
    this.#virtualTime = 0;
    this.#serving = false;
  }

  #startOf(line: Line<Item> | undefined): number {
    if (line === undefined) {
      return this.#virtualTime;
    }
    return line.waiting.length > 0 ? line.start : Math.max(line.start, this.#virtualTime);
  }

  #tagged(): Tagged<Item>[] {
    return [...this.#lines.values()]
      .flatMap(({ start, waiting }) => waiting.map((waits, index) => ({ ...waits, start: start + index })))
      .sort((a, b) => a.start - b.start || a.arrival - b.arrival);
  }

  #forgetServed(): void {
    for (const [requester, { start, waiting }] of this.#lines) {
      if (waiting.length === 0 && start <= this.#virtualTime) {
        this.#lines.delete(requester);
      }
    }
  }
}
