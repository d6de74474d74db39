import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { JobQueue, type QueueLimits } from '../../src/inference/queue.js';
import { HandClock, job, ManualInference } from '../support/worker-queue.js';

const MINUTE = 60_000;

interface Setting {
  readonly queue: JobQueue;
  readonly model: ManualInference;
  readonly clock: HandClock;
  /** What was told, as `name: place` and `event kind ...`. */
  readonly places: string[];
  readonly events: string[];
  /** Submits a job; the name's first letter is its requester. Resolves with how it ended. */
  readonly ask: (name: string, signal?: AbortSignal, kind?: 'ask' | 'ocr') => Promise<string>;
}

function setUp(limits: Partial<QueueLimits> = {}): Setting {
  const model = new ManualInference();
  const clock = new HandClock();
  const places: string[] = [];
  const events: string[] = [];
  const queue = new JobQueue(model, {
    limits: { waiting: 100, perRequester: 100, longestWaitMs: 10 * MINUTE, ...limits },
    clock,
    observer: {
      onRefused: ({ kind, code }) => events.push(`refused ${kind} ${code}`),
      onQueued: ({ kind }) => events.push(`queued ${kind}`),
      onStarted: ({ kind, waitedMs }) => events.push(`started ${kind} after ${waitedMs}`),
      onEnded: ({ kind, waitedMs, ranMs, outcome }) =>
        events.push(`${outcome} ${kind} after ${waitedMs} and ${ranMs ?? 'no'}`),
    },
  });
  const ask: Setting['ask'] = async (name, signal, kind) => {
    try {
      await queue.submit(job(name, kind), {
        requester: name.charAt(0),
        ...(signal === undefined ? {} : { signal }),
        onProgress: (progress) => {
          if (progress.stage === 'waiting') {
            places.push(`${name}: ${progress.place}`);
          }
        },
      });
      return 'answered';
    } catch (error) {
      return error instanceof UserError && error.mistake !== undefined
        ? `${error.mistake.code} ${Object.values(error.mistake.values ?? {}).join()}`
        : (error as Error).message;
    }
  };
  return { queue, model, clock, places, events, ask };
}

describe('turns', () => {
  test("one member's ten pictures do not block another's first", async () => {
    const { model, ask } = setUp();
    const all = Array.from({ length: 10 }, (_, index) => ask(`a${index + 1}`));
    all.push(ask('b1'), ask('b2'), ask('c1'));
    for (let count = 0; count < 13; count++) {
      await model.finish();
    }
    expect(model.started.slice(0, 6)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
    expect(model.started.slice(6)).toEqual(['a4', 'a5', 'a6', 'a7', 'a8', 'a9', 'a10']);
    expect(await Promise.all(all)).toEqual(Array(13).fill('answered'));
  });

  test('a job that fails lets the next one run', async () => {
    const { model, ask } = setUp();
    const [first, second] = [ask('a1'), ask('a2')];
    await model.finish(new Error('broken'));
    await model.finish();
    expect(await Promise.all([first, second])).toEqual(['broken', 'answered']);
  });
});

describe('places', () => {
  test('are told on submission and when they change, and not otherwise', async () => {
    const { model, places, ask } = setUp();
    void ask('a1');
    void ask('a2');
    void ask('a3');
    expect(places.splice(0)).toEqual(['a2: 1', 'a3: 2']);
    void ask('b1');
    expect(places.splice(0)).toEqual(['b1: 1', 'a2: 2', 'a3: 3']);
    void ask('b2');
    expect(places.splice(0)).toEqual(['b2: 3', 'a3: 4']);
    await model.finish();
    expect(places.splice(0)).toEqual(['a2: 1', 'b2: 2', 'a3: 3']);
  });

  test('move up when a job ahead is cancelled', () => {
    const { places, ask } = setUp();
    const abort = new AbortController();
    void ask('a1');
    void ask('a2', abort.signal);
    void ask('a3');
    places.splice(0);
    abort.abort(new Error('cancelled'));
    expect(places).toEqual(['a3: 1']);
  });
});

describe('limits', () => {
  test('too many waiting jobs are refused with their number; the running one is none of them', async () => {
    const { queue, events, ask } = setUp({ waiting: 2 });
    void ask('a1');
    void ask('b1');
    void ask('c1');
    expect(await ask('d1')).toBe('queueFull 2');
    expect(() => {
      queue.refuseIfFull('ocr', 'd');
    }).toThrow('2 pictures are waiting already');
    expect(events.filter((event) => event.startsWith('refused'))).toEqual([
      'refused ask queueFull',
      'refused ocr queueFull',
    ]);
  });

  test('too many jobs of one requester are refused, the running one among them', async () => {
    const { model, ask } = setUp({ perRequester: 2 });
    void ask('a1');
    void ask('a2');
    expect(await ask('a3')).toBe('tooManyOfYours 2');
    const other = ask('b1');
    await model.finish();
    const again = ask('a4');
    for (let count = 0; count < 3; count++) {
      await model.finish();
    }
    expect(await Promise.all([other, again])).toEqual(['answered', 'answered']);
  });

  test('who is not named is not counted', async () => {
    const { queue, model } = setUp({ perRequester: 1 });
    const both = [queue.submit(job('1')), queue.submit(job('2'))];
    await model.finish();
    await model.finish();
    await expect(Promise.all(both)).resolves.toHaveLength(2);
  });

  test('a wait expected to be too long is refused with its minutes, by the medians of what ran', async () => {
    const { queue, model, clock, ask } = setUp({ longestWaitMs: 10 * MINUTE });
    for (const minutes of [2, 4, 90]) {
      const answer = ask('a');
      clock.pass(minutes * MINUTE);
      await model.finish();
      await answer;
    }
    const reading = ask('a', undefined, 'ocr');
    clock.pass(3 * MINUTE);
    await model.finish();
    await reading;
    expect(queue.snapshot().medians).toEqual({ ask: 4 * MINUTE, ocr: 3 * MINUTE });

    void ask('b1');
    clock.pass(MINUTE);
    void ask('c1', undefined, 'ocr');
    void ask('d1');
    // The rest of b1, and all of c1 and d1.
    expect(queue.snapshot().expectedWaitMs).toBe(10 * MINUTE);
    void ask('e1', undefined, 'ocr');
    expect(await ask('f1')).toBe('waitTooLong 13');
    clock.pass(3 * MINUTE);
    expect(queue.snapshot().expectedWaitMs).toBe(10 * MINUTE);
    void ask('f1');
    // Everybody's first job would be ahead of d's second.
    expect(await ask('d2')).toBe('waitTooLong 14');
  });

  test('while nothing is known of running times, nobody is refused for them', async () => {
    const { queue, model, ask } = setUp({ longestWaitMs: 1 });
    const all = [ask('a1'), ask('b1'), ask('c1')];
    expect(queue.snapshot().expectedWaitMs).toBeUndefined();
    for (let count = 0; count < 3; count++) {
      await model.finish();
    }
    expect(await Promise.all(all)).toEqual(Array(3).fill('answered'));
  });

  test('a kind of task that never ran is taken to run as long as the others', async () => {
    const { queue, model, clock, ask } = setUp();
    void ask('a1');
    clock.pass(MINUTE);
    await model.finish();
    void ask('a2', undefined, 'ocr');
    expect(queue.snapshot().expectedWaitMs).toBe(MINUTE);
    clock.pass(5 * MINUTE);
    expect(queue.snapshot().expectedWaitMs).toBe(0);
  });

  test('a job that has waited too long nonetheless is ended, and a running one is not', async () => {
    const { model, clock, events, ask } = setUp({ longestWaitMs: 2 * MINUTE });
    const running = ask('a1');
    const waiting = ask('b1');
    clock.pass(MINUTE);
    const later = ask('c1');
    clock.pass(MINUTE);
    expect(await waiting).toBe('waitTooLong 2');
    expect(events).toContain(`mistake ask after ${2 * MINUTE} and no`);
    await model.finish();
    expect(model.started).toEqual(['a1', 'c1']);
    clock.pass(2 * MINUTE);
    await model.finish();
    expect(await Promise.all([running, later])).toEqual(['answered', 'answered']);
  });
});

describe('a time by which the answer has to be there', () => {
  /** A queue that knows that a job takes three minutes. */
  async function withEstimate(): Promise<Setting> {
    const setting = setUp();
    const first = setting.ask('z');
    setting.clock.pass(3 * MINUTE);
    await setting.model.finish();
    await first;
    return setting;
  }

  async function endOf(answer: Promise<unknown>): Promise<string> {
    return answer.then(
      () => 'answered',
      (error: unknown) => (error instanceof UserError ? (error.mistake?.code ?? '') : String(error)),
    );
  }

  test('is held to by the wait and the work together', async () => {
    const { queue, clock, ask } = await withEstimate();
    void ask('a1');
    void ask('b1');
    const within = (minutes: number): number => clock.now() + minutes * MINUTE;
    // Six minutes of waiting, and three of work.
    expect(() => {
      queue.refuseIfFull('ask', 'c', within(9));
    }).not.toThrow();
    expect(() => {
      queue.refuseIfFull('ask', 'c', within(8.9));
    }).toThrow('after 6 min');
    expect(await endOf(queue.submit(job('c1'), { requester: 'c', finishBy: within(8.9) }))).toBe(
      'waitTooLong',
    );
  });

  test('ends the waiting of a job that could no longer be finished', async () => {
    const { queue, model, clock, ask } = await withEstimate();
    void ask('a1');
    const waiting = endOf(queue.submit(job('b1'), { requester: 'b', finishBy: clock.now() + 7 * MINUTE }));
    clock.pass(4 * MINUTE);
    expect(await waiting).toBe('waitTooLong');
    await model.finish();
    expect(model.started).toEqual(['z', 'a1']);
  });

  test('refuses nobody for whom nobody waits, unless it is over: what there is may be answer enough', async () => {
    const { queue, model, clock } = await withEstimate();
    const short = endOf(queue.submit(job('a1'), { finishBy: clock.now() + MINUTE }));
    await model.finish();
    expect(await short).toBe('answered');
    expect(await endOf(queue.submit(job('a2'), { finishBy: clock.now() }))).toBe('timeLimit');
  });
});

describe('pictures for which there was no room', () => {
  interface Late {
    readonly fetched: string[];
    readonly submit: (name: string) => Promise<string>;
    /** Ends the download of a picture. */
    readonly arrive: (name: string, error?: Error) => Promise<void>;
  }

  function late(queue: JobQueue): Late {
    const fetched: string[] = [];
    const ends = new Map<string, (error?: Error) => void>();
    const fetch = (name: string): Promise<Uint8Array> => {
      fetched.push(name);
      return new Promise((resolve, reject) => {
        ends.set(name, (error) => {
          if (error === undefined) {
            resolve(new Uint8Array(1));
          } else {
            reject(error);
          }
        });
      });
    };
    return {
      fetched,
      submit: (name) =>
        queue.submit({ ...job(name), picture: () => fetch(name) }, { requester: name }).then(
          () => 'answered',
          (error: unknown) => (error as Error).message,
        ),
      arrive: async (name, error) => {
        ends.get(name)?.(error);
        await new Promise((resolve) => setImmediate(resolve));
      },
    };
  }

  test('are fetched shortly before their turn, never more than two ahead', async () => {
    const { queue, model, ask } = setUp();
    const { fetched, submit, arrive } = late(queue);
    void ask('z');
    const all = ['a', 'b', 'c', 'd'].map(submit);
    expect(fetched).toEqual(['a', 'b']);
    await arrive('a');
    await arrive('b');
    expect(fetched).toEqual(['a', 'b']);
    await model.finish();
    expect(model.started).toEqual(['z', 'a']);
    expect(fetched).toEqual(['a', 'b', 'c']);
    await model.finish();
    await model.finish();
    // It was not there yet when its turn came.
    expect(model.started).toEqual(['z', 'a', 'b']);
    expect(queue.snapshot()).toMatchObject({ running: true, waiting: 1 });
    await arrive('c');
    expect(model.started).toEqual(['z', 'a', 'b', 'c']);
    await arrive('d');
    await model.finish();
    await model.finish();
    expect(await Promise.all(all)).toEqual(Array(4).fill('answered'));
  });

  test('that can not be had end their jobs at once, waiting or in their turn', async () => {
    const { queue, model, ask } = setUp();
    const { fetched, submit, arrive } = late(queue);
    const running = ask('z');
    const [a, b, c] = ['a', 'b', 'c'].map(submit);
    await arrive('b', new Error('gone'));
    expect(await b).toBe('gone');
    expect(fetched).toEqual(['a', 'b', 'c']);
    await model.finish();
    expect(await running).toBe('answered');
    await arrive('a', new Error('gone too'));
    expect(await a).toBe('gone too');
    await arrive('c');
    await model.finish();
    expect(await c).toBe('answered');
    expect(model.started).toEqual(['z', 'c']);
  });
});

describe('a signal', () => {
  test('ends a waiting job at once', async () => {
    const { model, ask } = setUp();
    const abort = new AbortController();
    const running = ask('a1');
    const waiting = ask('a2', abort.signal);
    abort.abort(new Error('no longer wanted'));
    expect(await waiting).toBe('no longer wanted');
    await model.finish();
    expect(await running).toBe('answered');
    expect(model.started).toEqual(['a1']);
  });

  test('that ends the running job lets the next one start only when it has really ended', async () => {
    const { queue, model, events, ask } = setUp();
    const abort = new AbortController();
    const running = ask('a1', abort.signal);
    const next = ask('b1');
    abort.abort(new Error('enough'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(model.started).toEqual(['a1']);
    expect(queue.snapshot()).toMatchObject({ running: true, waiting: 1 });
    await model.finish();
    expect(await running).toBe('enough');
    expect(model.started).toEqual(['a1', 'b1']);
    await model.finish();
    expect(await next).toBe('answered');
    expect(events.filter((event) => event.startsWith('cancelled'))).toEqual(['cancelled ask after 0 and 0']);
    expect(queue.snapshot().medians).toEqual({ ask: 0 });
  });

  test('that was aborted before is seen at once', async () => {
    const { model, ask } = setUp();
    expect(await ask('a1', AbortSignal.abort(new Error('too late')))).toBe('too late');
    expect(model.started).toEqual([]);
  });
});

describe('the end', () => {
  test('every waiting job and every new one is ended with the reason; the running one goes on', async () => {
    const { queue, model, places, events, ask } = setUp();
    const running = ask('a1');
    const waiting = [ask('a2'), ask('b1'), ask('c1')];
    places.splice(0);
    queue.stopAccepting(new Error('restarting'));
    expect(await Promise.all([...waiting, ask('d1')])).toEqual(Array(4).fill('restarting'));
    expect(places).toEqual([]);
    expect(() => {
      queue.refuseIfFull('ask', 'd');
    }).toThrow('restarting');
    await model.finish();
    expect(await running).toBe('answered');
    expect(model.started).toEqual(['a1']);
    expect(events.filter((event) => event.startsWith('stopped'))).toHaveLength(3);
  });

  test('closing waits for the running job before it closes the inference', async () => {
    const { queue, model, ask } = setUp();
    const answers = [ask('a1'), ask('a2')];
    const closed = queue.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(model.closed).toBe(false);
    await model.finish();
    await closed;
    expect(model.closed).toBe(true);
    expect(await Promise.all(answers)).toEqual(['answered', 'The queue is closed.']);
  });
});

test('the observer is told of each job: queued, started, ended, with its times', async () => {
  const { model, clock, events, ask } = setUp();
  void ask('a1');
  clock.pass(100);
  void ask('b1', undefined, 'ocr');
  clock.pass(50);
  await model.finish();
  clock.pass(30);
  await model.finish(new UserError('no picture'));
  expect(events).toEqual([
    'queued ask',
    'started ask after 0',
    'queued ocr',
    'answered ask after 0 and 150',
    'started ocr after 50',
    'mistake ocr after 50 and 30',
  ]);
});

test('a snapshot says what waits and runs', async () => {
  const { queue, model, ask } = setUp();
  expect(queue.snapshot()).toEqual({ waiting: 0, running: false, medians: {}, expectedWaitMs: 0 });
  void ask('a1');
  void ask('a2');
  expect(queue.snapshot()).toMatchObject({ waiting: 1, running: true });
  await model.finish();
  await model.finish();
  expect(queue.snapshot()).toMatchObject({ waiting: 0, running: false });
});
