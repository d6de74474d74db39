import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../src/errors.js';
import { SessionError } from '../../src/inference/session-error.js';
import { toPortable } from '../../src/inference/worker/portable-error.js';
import type { Answer } from '../../src/task.js';
import { isHostMessage, type HostMessage, type WorkerMessage } from '../../src/inference/worker/protocol.js';

/*
 * A worker without a model, run in the place of worker.ts. A job's question says how it behaves:
 * - `answer`: answers with its process id.
 * - `slow`: works until it is cancelled.
 * - `late`: works without a word, and answers so many milliseconds after its time is up as a further word says.
 * - `deaf`: works without end and does not listen.
 * - `blocked`: works without end and blocks its thread, as a session does.
 * - `die`: ends its process with code 7. `die once`: does that the first time, and answers the second.
 * - `fail`: fails as a session does. `fail once`: does that the first time, and answers the second. `fail on card`: does it
 *   as long as the provider is not the processor.
 * - `log`: writes to both of its streams before it answers.
 *
 * The model's folder may hold a file `loading`. With the word `die`, the worker dies while it loads; with `fail`, it can't
 * load the model; with `fail on card`, it can't but on the processor; with `unfit`, the model turns out not to work.
 */

let folder = '';
let onCard = false;
let slow: number | undefined;

process.on('disconnect', () => {
  process.exit(0);
});
process.on('message', (message) => {
  if (isHostMessage(message)) {
    handle(message);
  }
});

function handle(message: HostMessage): void {
  switch (message.type) {
    case 'load': {
      const { model, provider, threads } = message.options;
      folder = model;
      onCard = provider !== 'cpu';
      const file = join(folder, 'loading');
      const loading = existsSync(file) ? readFileSync(file, 'utf8') : '';
      if (loading === 'die') {
        process.exit(9);
      }
      if (loading === 'fail' || (loading === 'fail on card' && onCard)) {
        tell({ type: 'loadFailed', error: toPortable(new UserError('It can not be loaded.')) });
        break;
      }
      tell({
        type: 'loaded',
        description: { model, dtypes: {}, provider, threads, loadMs: 0, pid: process.pid },
      });
      if (loading === 'unfit') {
        tell({ type: 'unfit', error: toPortable(new SessionError('It does not see.')) });
      }
      break;
    }
    case 'job': {
      const { id, job } = message;
      tell({ type: 'progress', id, progress: { stage: 'looking', text: '' } });
      work(id, job.task.kind === 'ask' ? job.task.question : 'answer', message.limitMs);
      break;
    }
    case 'cancel':
      if (slow === message.id) {
        tell({ type: 'cancelled', id: message.id });
      }
      break;
    case 'close':
      process.exit(0);
  }
}

function work(id: number, question: string, limitMs: number): void {
  const answer = (): void => {
    tell({ type: 'answer', id, answer: answerOf(question) });
  };
  const [behaviour, lateMs] = question.split(/ (?=\d)/);
  switch (behaviour) {
    case 'late':
      setTimeout(answer, limitMs + Number(lateMs));
      break;
    case 'slow':
      slow = id;
      break;
    case 'deaf':
      break;
    case 'blocked':
      setImmediate(() => {
        for (;;) {
          // Nothing else gets a turn.
        }
      });
      break;
    case 'die':
      process.exit(7);
      break;
    case 'die once': {
      const deaths = join(folder, 'deaths');
      if (!existsSync(deaths)) {
        appendFileSync(deaths, 'once');
        process.exit(7);
      }
      answer();
      break;
    }
    case 'fail':
      fail(id);
      break;
    case 'fail on card':
      if (onCard) {
        fail(id);
      } else {
        answer();
      }
      break;
    case 'fail once': {
      const faults = join(folder, 'faults');
      if (existsSync(faults)) {
        answer();
      } else {
        appendFileSync(faults, 'once');
        fail(id);
      }
      break;
    }
    case 'log':
      process.stdout.write('a line\n');
      process.stderr.write('another line\n');
      answer();
      break;
    default:
      answer();
  }
}

function fail(id: number): void {
  tell({ type: 'failed', id, error: toPortable(new SessionError('The device was lost.')) });
}

function answerOf(question: string): Answer {
  return {
    task: { kind: 'ask', question, language: 'en' },
    text: String(process.pid),
    detections: [],
    finish: 'complete',
    size: { width: 1, height: 1 },
    firstFrameOnly: false,
    timings: { decode: 0, vision: 0, prefill: 0, decodePerToken: 0, tokens: 0 },
  };
}

function tell(message: WorkerMessage): void {
  process.send?.(message);
}
