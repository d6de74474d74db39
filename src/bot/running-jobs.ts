import type { Snowflake } from 'discord.js';

/**
 * Why a job was ended, other than by its answer or a fault.
 * - `cancelled`: by a button.
 * - `restarting`: the bot is being stopped.
 * - `messageGone`: the message that was to hold the answer was deleted.
 * - `unanswerable`: Discord no longer knows the interaction.
 * - `tooLate`: the interaction's token is about to expire.
 */
export class JobEnded extends Error {
  override readonly name = 'JobEnded';
  readonly why: 'cancelled' | 'restarting' | 'messageGone' | 'unanswerable' | 'tooLate';

  constructor(why: JobEnded['why']) {
    super(`The job was ended: ${why}.`);
    this.why = why;
  }
}

/** A request whose answer is still being made. */
export interface RunningJob {
  /** The id of the interaction that asked for it. */
  readonly id: Snowflake;
  readonly memberId: Snowflake;
  readonly signal: AbortSignal;
  readonly end: (why: JobEnded['why']) => void;
}

/** The requests whose answers are still being made, so that a button or a shutdown can end them. */
export class RunningJobs {
  readonly #jobs = new Map<Snowflake, RunningJob>();
  #idle: (() => void)[] = [];

  get size(): number {
    return this.#jobs.size;
  }

  /** How many of them one member has asked for. */
  countOf(memberId: Snowflake): number {
    return [...this.#jobs.values()].filter((job) => job.memberId === memberId).length;
  }

  get(id: Snowflake): RunningJob | undefined {
    return this.#jobs.get(id);
  }

  /** Keeps a job while `work` is under way. */
  async run<Result>(
    id: Snowflake,
    memberId: Snowflake,
    work: (job: RunningJob) => Promise<Result>,
  ): Promise<Result> {
    const abort = new AbortController();
    const job = {
      id,
      memberId,
      signal: abort.signal,
      end: (why: JobEnded['why']): void => {
        abort.abort(new JobEnded(why));
      },
    };
    this.#jobs.set(id, job);
    try {
      return await work(job);
    } finally {
      this.#jobs.delete(id);
      if (this.#jobs.size === 0) {
        this.#idle.splice(0).forEach((resolve) => {
          resolve();
        });
      }
    }
  }

  endAll(why: JobEnded['why']): void {
    this.#jobs.forEach((job) => {
      job.end(why);
    });
  }

  /** Resolves when no answer is being made. */
  async idle(): Promise<void> {
    if (this.#jobs.size > 0) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }
}
