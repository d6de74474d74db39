/** The speed is that of the last while, so that a pause shows. Milliseconds. */
const WINDOW = 10_000;
const BAR = 24;

interface Sample {
  readonly at: number;
  readonly done: number;
}

/** How fast something goes and how long it will take, in words. */
export class TransferRate {
  #stage = '';
  #samples: Sample[] = [];

  /**
   * @param stage begins a measurement of its own
   * @param done bytes so far, of `total`
   * @param now as `performance.now` tells it
   */
  describe(stage: string, done: number, total: number, now = performance.now()): string {
    if (stage !== this.#stage) {
      this.#stage = stage;
      this.#samples = [];
    }
    this.#samples = [...this.#samples.filter(({ at }) => now - at <= WINDOW), { at: now, done }];
    const share = total === 0 ? 1 : Math.max(0, Math.min(1, done / total));
    const filled = Math.round(share * BAR);
    const parts = [
      `[${'='.repeat(filled)}${' '.repeat(BAR - filled)}] ${Math.floor(share * 100)} %`,
      `${gigabytes(done)} of ${gigabytes(total)} GB`,
      ...this.#speed(total - done),
    ];
    return parts.join(', ');
  }

  #speed(left: number): string[] {
    const [first, last] = [this.#samples[0], this.#samples[this.#samples.length - 1]];
    const perSecond = ((last.done - first.done) / (last.at - first.at)) * 1000;
    return perSecond > 0
      ? [`${(perSecond / 1e6).toFixed(1)} MB/s`, `${duration(left / perSecond)} left`]
      : [];
  }
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(2);
}

function duration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) {
    return `${hours} h ${minutes} min`;
  }
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
