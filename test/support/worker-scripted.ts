import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from '../../src/task.js';
import { isHostMessage, type HostMessage, type WorkerMessage } from '../../src/inference/worker/protocol.js';

/*
 * A worker without a model, run in the place of worker.ts. A job's question says how it behaves:
 * - `answer`: answers with its process id.
 * - `slow`: works until it is cancelled.
 * - `deaf`: works without end and does not listen.
 * - `blocked`: works without end and blocks its thread, as a session does.
 * - `die`: ends its process with code 7. `die once`: does that the first time, and answers the second.
 * - `log`: writes to both of its streams before it answers.
 *
 * The model's folder may hold a file `loading` with the word `die`; the worker then dies while it loads.
 */

let folder = '';
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
      const loading = join(folder, 'loading');
      if (existsSync(loading) && readFileSync(loading, 'utf8') === 'die') {
        process.exit(9);
      }
      tell({
        type: 'loaded',
        description: { model, dtypes: {}, provider, threads, loadMs: 0, pid: process.pid },
      });
      break;
    }
    case 'job': {
      const { id, job } = message;
      tell({ type: 'progress', id, progress: { stage: 'looking', text: '' } });
      work(id, job.task.kind === 'ask' ? job.task.question : 'answer');
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

function work(id: number, question: string): void {
  const answer = (): void => {
    tell({ type: 'answer', id, answer: answerOf(question) });
  };
  switch (question) {
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
    case 'log':
      process.stdout.write('a line\n');
      process.stderr.write('another line\n');
      answer();
      break;
    default:
      answer();
  }
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
