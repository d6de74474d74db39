import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Inference } from '../../src/inference/inference.js';
import { JobQueue } from '../../src/inference/queue.js';
import { createLogger } from '../../src/monitoring/log.js';
import { Metrics } from '../../src/monitoring/metrics.js';
import type { TaskState } from '../../src/playground/interface.js';
import { Playground, type PlaygroundOptions } from '../../src/playground/playground.js';

/** More than the buffers of a connection hold on either side. Characters. */
export const MUCH = 16 * 2 ** 20;
/** Between two signs of life in a stream of events. Milliseconds. */
export const HEARTBEAT = 20;

/** A playground whose every answer is more than a connection holds, as several outlines of a large picture are. */
export class WordyPlayground {
  readonly #playground: Playground;
  readonly #queue: JobQueue;

  private constructor(playground: Playground, queue: JobQueue) {
    this.#playground = playground;
    this.#queue = queue;
  }

  static async start(
    options: Pick<PlaygroundOptions, 'pageFolder' | 'standstillMs'> = {},
  ): Promise<WordyPlayground> {
    const queue = new JobQueue(new WordyInference(), {
      limits: { waiting: 100, perRequester: 100, longestWaitMs: 60_000 },
    });
    const playground = await Playground.start({
      host: '127.0.0.1',
      port: 0,
      token: undefined,
      inference: queue,
      model: { name: 'wordy', runsOn: 'cpu, fp32', demo: false },
      limits: { pictureMebibytes: 1, shutdownSeconds: 5 },
      log: createLogger('silent'),
      metrics: new Metrics(),
      heartbeatMs: HEARTBEAT,
      ...options,
    });
    return new WordyPlayground(playground, queue);
  }

  /** Gives a task. @returns where its events are */
  async ask(): Promise<string> {
    const body = new FormData();
    body.set('task', '{"kind":"ocr"}');
    body.set('picture', new Blob(['a picture']));
    const response = await fetch(`${this.#playground.address}/api/tasks`, { method: 'POST', body });
    const { id } = (await response.json()) as TaskState;
    return `${this.#playground.address}/api/tasks/${id}/events`;
  }

  async isServing(): Promise<boolean> {
    return (await fetch(`${this.#playground.address}/api/status`)).ok;
  }

  async close(): Promise<void> {
    await this.#playground.stop();
    await this.#queue.close();
  }
}

class WordyInference implements Inference {
  async submit({ task }: Parameters<Inference['submit']>[0]): ReturnType<Inference['submit']> {
    // Whoever wants the events has asked for them before the answer is there.
    await sleep(10 * HEARTBEAT);
    return {
      task,
      text: 'x'.repeat(MUCH),
      detections: [],
      finish: 'complete',
      size: { width: 1, height: 1 },
      firstFrameOnly: false,
      timings: { decode: 0, vision: 0, prefill: 0, decodePerToken: 0, tokens: 0 },
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Asks for what is at an address, and reads nothing of it yet. */
export async function openUnread(address: string): Promise<IncomingMessage> {
  const asked = request(address).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response;
}

/**
 * Reads what is still to come.
 *
 * @param pauseMs between two pieces
 * @throws {Error} the connection was ended before all had come
 */
export async function read(response: IncomingMessage, pauseMs: number): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of response as AsyncIterable<Buffer>) {
    pieces.push(piece);
    await sleep(pauseMs);
  }
  return Buffer.concat(pieces).toString('utf8');
}
