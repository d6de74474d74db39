import type { Provider } from '../../task.js';

/** A processor may have been short of memory once; a card that failed once may be lost for good. */
const MOST_FAULTS: Readonly<Record<Provider, number>> = { cpu: 2, webgpu: 1 };
/** So many workers in a row that failed are no accident: what comes next will fail too. */
const DOUBTFUL = 2;
const HOPELESS = 3;

/** Counts what fails of a model that is loaded: its runs, and the workers that run it. */
export class Fitness {
  #faults = 0;
  #failedWorkers = 0;

  /**
   * A graph could not be run.
   *
   * @returns whether the worker is to be replaced
   */
  sessionFailed(provider: Provider): boolean {
    this.#faults++;
    const unfit = this.#faults >= MOST_FAULTS[provider];
    if (unfit) {
      this.workerFailed();
    }
    return unfit;
  }

  /** A worker could not load the model, or is to be replaced. */
  workerFailed(): void {
    this.#faults = 0;
    this.#failedWorkers++;
  }

  /** A job was answered, or the model is run in another way from now on. */
  startAfresh(): void {
    this.#faults = 0;
    this.#failedWorkers = 0;
  }

  /** Whether the model fails again and again. */
  get isDoubtful(): boolean {
    return this.#failedWorkers >= DOUBTFUL;
  }

  /** Whether it is time to run it in another way. */
  get isHopeless(): boolean {
    return this.#failedWorkers >= HOPELESS;
  }
}
