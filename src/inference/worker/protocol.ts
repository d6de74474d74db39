import type { Answer, Dtype, Progress, Provider } from '../../task.js';
import type { Job } from '../inference.js';
import type { PortableError } from './portable-error.js';

/** How a model is run. */
export interface RunOptions {
  /** The stored precision to prefer, graph by graph; undefined: the most exact. */
  readonly dtype: Dtype | undefined;
  readonly provider: Provider;
  /** Of the CPU provider; undefined: as many as ONNX Runtime chooses. */
  readonly threads: number | undefined;
}

/** The model that a worker loads. */
export interface ModelOptions extends RunOptions {
  /** The checkpoint folder. */
  readonly model: string;
}

/** What a worker has loaded. */
export interface WorkerDescription {
  /** The checkpoint folder. */
  readonly model: string;
  /** How the weights of each graph are stored, in the words of their files' names: a folder need not have what is preferred. */
  readonly dtypes: Readonly<Record<string, string>>;
  readonly provider: Provider;
  readonly threads: number | undefined;
  readonly loadMs: number;
  readonly pid: number;
}

/**
 * What the host tells a worker. `load` comes first and once; then one `job` at a time, each answered before the next.
 * - `job` gives the worker so many milliseconds; it then answers with what there is, as soon as a pass returns.
 * - `cancel` ends the job within a token; one that has ended already is no mistake.
 * - `close` gives the model's memory back and ends the process.
 */
export type HostMessage =
  | { readonly type: 'load'; readonly options: ModelOptions }
  | { readonly type: 'job'; readonly id: number; readonly job: Job; readonly limitMs: number }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'close' };

/**
 * What a worker tells its host. `load` is answered by `loaded` or `loadFailed`, and `loaded` may be followed by `unfit`,
 * where a test that takes longer has shown that the model does not work; a job by any number of `progress` and then
 * `answer`, `failed` or `cancelled`.
 */
export type WorkerMessage =
  | { readonly type: 'loaded'; readonly description: WorkerDescription }
  | { readonly type: 'loadFailed'; readonly error: PortableError }
  | { readonly type: 'unfit'; readonly error: PortableError }
  | { readonly type: 'progress'; readonly id: number; readonly progress: Progress }
  | { readonly type: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly type: 'failed'; readonly id: number; readonly error: PortableError }
  | { readonly type: 'cancelled'; readonly id: number };

const HOST_MESSAGES: Readonly<Record<HostMessage['type'], readonly string[]>> = {
  load: ['options'],
  job: ['id', 'job', 'limitMs'],
  cancel: ['id'],
  close: [],
};

const WORKER_MESSAGES: Readonly<Record<WorkerMessage['type'], readonly string[]>> = {
  loaded: ['description'],
  loadFailed: ['error'],
  unfit: ['error'],
  progress: ['id', 'progress'],
  answer: ['id', 'answer'],
  failed: ['id', 'error'],
  cancelled: ['id'],
};

/** Whether a message has the fields of its type. What is in them is trusted: both sides are built together. */
export function isHostMessage(message: unknown): message is HostMessage {
  return hasFieldsOfItsType(message, HOST_MESSAGES);
}

/** Whether a message has the fields of its type; a library in the worker may send messages of its own. */
export function isWorkerMessage(message: unknown): message is WorkerMessage {
  return hasFieldsOfItsType(message, WORKER_MESSAGES);
}

function hasFieldsOfItsType(
  message: unknown,
  fieldsByType: Readonly<Record<string, readonly string[]>>,
): boolean {
  if (typeof message !== 'object' || message === null || !('type' in message)) {
    return false;
  }
  const fields = new Map(Object.entries(fieldsByType)).get(String(message.type));
  return fields?.every((field) => field in message) ?? false;
}
