import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { MistakeCode } from '../errors.js';
import type { Answer, Finish } from '../task.js';

/**
 * How a request without an answer ended.
 * - `mistake`: of the member, or of too many members at once; the label `mistake` says which.
 * - `denied`: the bot may not or can't do it for this member.
 * - `cancelled`: by the member. `restarting`: the bot was being stopped.
 * - `too_late`: not done in the 15 minutes that Discord gives. `expired`: they were over when the bot was back.
 * - `message_gone`: the message for the answer was deleted. `unanswerable`: Discord no longer knows the interaction.
 * - `blocked`: automatic moderation has refused the answer.
 * - `elsewhere`: another process with the same token was faster.
 * - `host_failed`: the host of its picture did.
 * - `fault`: of ours.
 */
export type Unanswered =
  | 'mistake'
  | 'denied'
  | 'cancelled'
  | 'restarting'
  | 'too_late'
  | 'expired'
  | 'message_gone'
  | 'unanswerable'
  | 'blocked'
  | 'elsewhere'
  | 'host_failed'
  | 'fault';

/** What is waiting and running at this moment. */
export interface QueueState {
  readonly waiting: number;
  readonly running: number;
}

const OUTCOMES = {
  complete: 'answered',
  'cut off': 'answered',
  refused: 'refused',
  'nothing found': 'nothing_found',
} as const satisfies Record<Finish, string>;

const WORK_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640];

/** The figures that Prometheus collects, in a registry of their own. All durations come in as milliseconds. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #registers = [this.#registry];
  #queue: () => QueueState = () => ({ waiting: 0, running: 0 });

  readonly #requests = new Counter({
    name: 'glimpse_requests_total',
    help: 'Requests by command and outcome; refused: by the model; denied: by the bot',
    labelNames: ['command', 'outcome', 'mistake'],
    registers: this.#registers,
  });
  readonly #wait = new Histogram({
    name: 'glimpse_wait_seconds',
    help: 'Time that jobs waited for their turn',
    buckets: WORK_SECONDS,
    registers: this.#registers,
  });
  readonly #inference = new Histogram({
    name: 'glimpse_inference_seconds',
    help: 'Time that the model worked on an answer, without waiting',
    labelNames: ['task'],
    buckets: WORK_SECONDS,
    registers: this.#registers,
  });
  readonly #answer = new Histogram({
    name: 'glimpse_answer_seconds',
    help: 'Time from a request to its answer',
    labelNames: ['task'],
    buckets: WORK_SECONDS,
    registers: this.#registers,
  });
  readonly #acknowledgement = new Histogram({
    name: 'glimpse_acknowledgement_seconds',
    help: 'Time from an interaction to its acknowledgement, which Discord allows 3 seconds',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 3],
    registers: this.#registers,
  });
  readonly #workerRestarts = new Counter({
    name: 'glimpse_worker_restarts_total',
    help: 'Times that the process with the model was started again',
    registers: this.#registers,
  });
  readonly #tokens = new Counter({
    name: 'glimpse_generated_tokens_total',
    help: 'Tokens that the model generated',
    registers: this.#registers,
  });
  readonly #downloadSeconds = new Histogram({
    name: 'glimpse_download_seconds',
    help: 'Time that downloads of pictures took',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: this.#registers,
  });
  readonly #downloadBytes = new Histogram({
    name: 'glimpse_download_bytes',
    help: 'Size of downloaded pictures',
    buckets: [2 ** 14, 2 ** 16, 2 ** 18, 2 ** 20, 2 ** 22, 2 ** 24, 2 ** 26],
    registers: this.#registers,
  });

  constructor() {
    // Those of the process and of Node.js keep the names that dashboards know.
    collectDefaultMetrics({ register: this.#registry });
    this.#gauge('glimpse_jobs_waiting', 'Jobs that wait for their turn', ({ waiting }) => waiting);
    this.#gauge('glimpse_jobs_running', 'Jobs that the model works on', ({ running }) => running);
  }

  /** The media type of `text()`. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All figures in Prometheus's text format. */
  async text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** From now on the queue is looked at whenever the figures are collected. */
  watchQueue(state: () => QueueState): void {
    this.#queue = state;
  }

  /** A request was answered, `tookMs` after it came in. */
  answered({ task, finish, timings }: Answer, tookMs?: number): void {
    const { decode, vision, prefill, decodePerToken, tokens } = timings;
    this.#requests.inc({ command: task.kind, outcome: OUTCOMES[finish], mistake: '' });
    this.#inference.observe(
      { task: task.kind },
      seconds(decode + vision + prefill + decodePerToken * tokens),
    );
    this.#tokens.inc(tokens);
    if (tookMs !== undefined) {
      this.#answer.observe({ task: task.kind }, seconds(tookMs));
    }
  }

  /**
   * A request ended without an answer.
   *
   * @param command the kind of its task, or what else it was; one of a few words, since each makes a series of its own
   */
  ended(command: string, outcome: Unanswered, mistake?: MistakeCode): void {
    this.#requests.inc({ command, outcome, mistake: mistake ?? '' });
  }

  /** A job's turn came. */
  waited(milliseconds: number): void {
    this.#wait.observe(seconds(milliseconds));
  }

  /** Discord was told that an interaction arrived. */
  acknowledged(milliseconds: number): void {
    this.#acknowledgement.observe(seconds(milliseconds));
  }

  /** The process with the model was started again. */
  workerRestarted(): void {
    this.#workerRestarts.inc();
  }

  /** A picture was downloaded. */
  downloaded(bytes: number, milliseconds: number): void {
    this.#downloadBytes.observe(bytes);
    this.#downloadSeconds.observe(seconds(milliseconds));
  }

  #gauge(name: string, help: string, read: (state: QueueState) => number): void {
    const queue = (): QueueState => this.#queue();
    new Gauge({
      name,
      help,
      registers: this.#registers,
      collect() {
        this.set(read(queue()));
      },
    });
  }
}

function seconds(milliseconds: number): number {
  return milliseconds / 1000;
}
