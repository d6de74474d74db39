import { basename } from 'node:path';
import type { Logger } from 'pino';
import type { Status } from '../commands/status.js';
import { environmentWithoutSecrets, type Config } from '../config.js';
import { JobQueue } from '../inference/queue.js';
import {
  WorkerInference,
  type WorkerDescription,
  type WorkerEvent,
} from '../inference/worker/worker-inference.js';
import type { Choice } from '../inference/machine/choice.js';
import type { Metrics } from '../monitoring/metrics.js';
import { waitingPictures } from './waiting-pictures.js';
import { chooseModel, loadChosen, tellChoice } from './chosen-model.js';

/**
 * Discord lets a bot answer for 15 minutes; who would have to wait for more of them than this is told so at once.
 * Milliseconds.
 */
const LONGEST_WAIT = 13 * 60_000;

/** The model in its process, behind the queue that leads to it. */
export interface ModelService {
  readonly inference: JobQueue;
  /** `ok`, or what keeps the model from answering. */
  readonly health: () => string;
  readonly status: () => Status;
}

/**
 * Starts the process with the model and waits until that is loaded.
 *
 * @throws {UserError} the model can't be loaded
 */
export async function startModelService(
  config: Config,
  log: Logger,
  metrics: Metrics,
): Promise<ModelService> {
  const startedAt = new Date();
  let ready = true;
  let restarts = 0;
  const start = ({ dtype, provider, threads, fallback }: Choice): Promise<WorkerInference> =>
    WorkerInference.start({
      model: config.model,
      dtype,
      provider,
      threads,
      fallback,
      jobTimeLimitMs: config.limits.jobSeconds * 1000,
      environment: environmentWithoutSecrets(),
      onEvent: (event) => {
        logEvent(event, log);
        if (event.kind === 'fellBack' && fallback !== undefined) {
          tellChoice(fallback);
        }
        ready = event.kind === 'started' || (ready && event.kind !== 'died');
        if (event.kind === 'restarting') {
          restarts++;
          metrics.workerRestarted();
        }
      },
    });
  const choice = await chooseModel(config);
  tellChoice(choice);
  const worker = await loadChosen(choice, start, (why, fallback) => {
    log.warn({ provider: choice.provider, why }, 'the chosen provider can not be used');
    tellChoice(fallback);
  });
  log.info(waitingPictures(config.limits));
  const { waiting, perMember } = config.limits;
  const inference = new JobQueue(worker, {
    limits: { waiting, perRequester: perMember, longestWaitMs: LONGEST_WAIT },
    observer: {
      onStarted: ({ waitedMs }) => {
        metrics.waited(waitedMs);
      },
    },
  });
  const status = (): Status => ({
    ...statusOf(inference, worker.description),
    startedAt,
    workerRestarts: restarts,
  });
  metrics.watchQueue(status);
  const health = (): string => {
    if (!ready) {
      return 'being started again';
    }
    return worker.isFailing ? 'fails at every picture' : 'ok';
  };
  return { inference, health, status };
}

function statusOf(
  inference: JobQueue,
  { model, provider, dtypes }: WorkerDescription,
): Omit<Status, 'startedAt' | 'workerRestarts'> {
  const { waiting, running, medians } = inference.snapshot();
  return {
    model: basename(model),
    provider: [provider, ...new Set(Object.values(dtypes))].join(', '),
    waiting,
    running: running ? 1 : 0,
    medians,
    gatewayMemory: process.memoryUsage.rss(),
  };
}

function logEvent(event: WorkerEvent, log: Logger): void {
  switch (event.kind) {
    case 'started':
      log.info({ worker: event.description.pid, loadMs: event.description.loadMs }, 'worker started');
      break;
    case 'died':
      log[event.killed ? 'warn' : 'error'](
        { worker: event.pid, killed: event.killed, exitCode: event.exitCode, signal: event.signal },
        'worker died',
      );
      break;
    case 'loadFailed':
      log.error({ err: event.error }, 'the worker could not load the model');
      break;
    case 'sessionFailed':
      log.error({ err: event.error, replaced: event.replaced }, 'the model could not be run');
      break;
    case 'fellBack':
      log.warn({ provider: event.to.provider }, 'the model is run in another way from now on');
      break;
    case 'restarting':
      log.warn({ attempt: event.attempt, pauseMs: event.pauseMs }, 'worker restarting');
      break;
    case 'log':
      log.warn({ stream: event.stream }, event.line);
      break;
  }
}
