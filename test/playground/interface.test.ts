import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import sharp from 'sharp';
import { UserError } from '../../src/errors.js';
import type { Problem, TaskState } from '../../src/playground/interface.js';
import { RateLimit } from '../../src/playground/rate-limit.js';
import type { Task } from '../../src/task.js';
import { redCircle, type DrawnPicture } from '../support/drawn-pictures.js';
import {
  buildPage,
  startPlayground,
  type BuiltPage,
  type PlaygroundUnderTest,
} from '../support/playground-under-test.js';

let page: BuiltPage;
let circle: DrawnPicture;
let it: PlaygroundUnderTest;

beforeAll(async () => {
  page = await buildPage();
  circle = await redCircle();
  it = await startPlayground({ pageFolder: page.folder });
});

afterAll(async () => {
  await it.close();
  await page.remove();
});

/** A playground for one test. */
async function another(
  options: Partial<Parameters<typeof startPlayground>[0]>,
): Promise<PlaygroundUnderTest> {
  const started = await startPlayground({ pageFolder: page.folder, ...options });
  onTestFinished(() => started.close());
  return started;
}

function formOf(
  task: unknown,
  fields: Record<string, string> = {},
  picture: Uint8Array = circle.png,
): FormData {
  const form = new FormData();
  form.set('task', typeof task === 'string' ? task : JSON.stringify(task));
  for (const [name, value] of Object.entries(fields)) {
    form.set(name, value);
  }
  form.set('picture', new Blob([Uint8Array.from(picture)]), 'circle.png');
  return form;
}

async function post(
  body: FormData | string,
  { address, headers = {} }: { address?: string; headers?: Record<string, string> } = {},
): Promise<Response> {
  return fetch(`${address ?? it.address}/api/tasks`, { method: 'POST', body, headers });
}

async function give(task: Task, fields: Record<string, string> = {}): Promise<string> {
  const response = await post(formOf(task, fields));
  expect(response.status).toBe(202);
  const { id } = (await response.json()) as TaskState;
  expect(response.headers.get('location')).toBe(`/api/tasks/${id}`);
  return id;
}

interface Event {
  readonly name: string;
  readonly state: TaskState;
}

/** The events of a task, until the stream ends. */
async function eventsOf(id: string): Promise<Event[]> {
  const response = await fetch(`${it.address}/api/tasks/${id}/events`);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  return (await response.text())
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => {
      const [name = '', data = ''] = event.split('\n');
      return {
        name: name.replace('event: ', ''),
        state: JSON.parse(data.replace('data: ', '')) as TaskState,
      };
    });
}

async function answerTo(
  task: Task,
  fields: Record<string, string> = {},
): Promise<Extract<TaskState, { state: 'answered' }>> {
  const id = await give(task, fields);
  const state = (await eventsOf(id)).at(-1)?.state;
  if (state?.state !== 'answered') {
    throw new Error(`The task ended otherwise: ${JSON.stringify(state)}`);
  }
  return state;
}

async function problemIn(response: Response): Promise<Problem> {
  return ((await response.json()) as { error: Problem }).error;
}

const DESCRIBE: Task = { kind: 'describe', language: 'en', length: 'short' };

describe('a task', () => {
  test('is answered, and its answer can be had as long as it is kept', async () => {
    const { id, answer, waited } = await answerTo(DESCRIBE);
    expect(answer).toMatchObject({
      task: DESCRIBE,
      text: 'a red circle',
      finish: 'complete',
      size: { width: 640, height: 480 },
    });
    expect(waited).toBeGreaterThanOrEqual(0);
    const state = (await (await fetch(`${it.address}/api/tasks/${id}`)).json()) as TaskState;
    expect(state).toMatchObject({ id, state: 'answered', answer: { text: 'a red circle' } });
  });

  test('finds the circle where it is, and has the annotated picture beside its answer', async () => {
    const { answer } = await answerTo({ kind: 'detect', objects: ['circle'] }, { annotated: 'jpeg' });
    expect(answer.detections).toHaveLength(1);
    const [{ box }] = answer.detections;
    for (const side of ['left', 'top', 'right', 'bottom'] as const) {
      expect(Math.abs(box[side] - circle.box[side])).toBeLessThan(25);
    }
    const picture = await fetch(`${it.address}${answer.picture?.path ?? ''}`);
    expect(picture.headers.get('content-type')).toBe('image/jpeg');
    const { width, height, format } = await sharp(await picture.arrayBuffer()).metadata();
    expect({ width, height, format }).toEqual({ width: 640, height: 480, format: 'jpeg' });
  });

  test('may leave the annotated picture out', async () => {
    const { id, answer } = await answerTo({ kind: 'detect', objects: ['circle'] }, { annotated: 'no' });
    expect(answer.picture).toBeUndefined();
    expect((await fetch(`${it.address}/api/tasks/${id}/picture`)).status).toBe(404);
  });

  test('carries each mask as a greyscale PNG', async () => {
    const { answer } = await answerTo({ kind: 'segment', objects: ['circle'] });
    const mask = answer.detections[0]?.mask;
    const { width, height, channels } = await sharp(Buffer.from(mask?.png ?? '', 'base64')).metadata();
    expect({ width, height, channels }).toEqual({ width: mask?.width, height: mask?.height, channels: 1 });
  });

  test('takes its objects as one list of words too', async () => {
    const response = await post(formOf({ kind: 'detect', objects: 'circle, square' }));
    const { id } = (await response.json()) as TaskState;
    const last = (await eventsOf(id)).at(-1)?.state;
    expect(last).toMatchObject({ answer: { task: { objects: ['circle', 'square'] } } });
  });

  test('tells its place in the queue and its words as they come', async () => {
    it.inference.hold();
    const [, second] = [
      await give(DESCRIBE, { requester: 'one' }),
      await give(DESCRIBE, { requester: 'two' }),
    ];
    const events = eventsOf(second);
    await expect
      .poll(async () => await (await fetch(`${it.address}/api/tasks/${second}`)).json())
      .toMatchObject({
        state: 'waiting',
        progress: { stage: 'waiting', place: 1 },
      });
    it.inference.release();
    const told = await events;
    expect(told[0]).toMatchObject({ name: 'progress', state: { progress: { place: 1 } } });
    expect(
      told.map(({ name, state }) => name === 'progress' && 'progress' in state && state.progress?.stage),
    ).toContain('answering');
    expect(told.at(-1)?.name).toBe('answered');
  });

  test('is cancelled while it runs, and while it waits', async () => {
    it.inference.hold();
    const [running, waiting] = [
      await give(DESCRIBE, { requester: 'one' }),
      await give(DESCRIBE, { requester: 'two' }),
    ];
    for (const id of [waiting, running]) {
      const events = eventsOf(id);
      const response = await fetch(`${it.address}/api/tasks/${id}`, { method: 'DELETE' });
      expect(response.status).toBe(204);
      expect((await events).at(-1)).toMatchObject({ name: 'cancelled', state: { state: 'cancelled' } });
    }
    it.inference.release();
  });

  test('that has ended is forgotten when it is deleted', async () => {
    const { id } = await answerTo(DESCRIBE);
    await fetch(`${it.address}/api/tasks/${id}`, { method: 'DELETE' });
    expect((await fetch(`${it.address}/api/tasks/${id}`)).status).toBe(404);
  });

  test('about a file that is no picture fails with a sentence', async () => {
    const response = await post(formOf(DESCRIBE, {}, Buffer.from('This is no picture.')));
    const { id } = (await response.json()) as TaskState;
    const last = (await eventsOf(id)).at(-1);
    expect(last?.name).toBe('failed');
    expect(last?.state).toMatchObject({ error: { code: 'notAPicture' } });
  });

  test.each<[string, Task, string]>([
    ['an empty question', { kind: 'ask', question: '  ', language: 'en' }, 'questionEmpty'],
    ['no object', { kind: 'detect', objects: [] }, 'objectsMissing'],
  ])('with %s fails with its code', async (_name, task, code) => {
    const last = (await eventsOf(await give(task))).at(-1);
    expect(last?.state).toMatchObject({ state: 'failed', error: { code } });
  });

  test('leaves no picture, question or answer in the log', async () => {
    await answerTo({ kind: 'ask', question: 'what colour is the sealed envelope', language: 'en' });
    const log = it.logLines.join('');
    expect(log).toContain('"a request was answered"');
    expect(log).not.toMatch(/envelope|red circle/);
  });
});

describe('a request is refused', () => {
  test.each<[string, () => FormData | string, RegExp]>([
    ['without a form', () => '{"kind":"ocr"}', /multipart/],
    ['without a task', () => formOf('nothing'), /task: is not JSON/],
    ['with an unknown task', () => formOf({ kind: 'paint' }), /task/],
    ['with an unknown language', () => formOf({ kind: 'describe', language: 'tlh' }), /language/],
    ['with what is not known', () => formOf({ kind: 'ocr' }, { colour: 'red' }), /colour/],
  ])('%s', async (_name, body, sentence) => {
    const response = await post(body());
    expect(response.status).toBe(400);
    expect(await problemIn(response)).toMatchObject({
      code: 'badRequest',
      message: expect.stringMatching(sentence) as string,
    });
  });

  test('without a picture', async () => {
    const form = new FormData();
    form.set('task', '{"kind":"ocr"}');
    expect((await problemIn(await post(form))).message).toMatch(/picture/);
  });

  const PICTURE_PART = '--x\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n\r\n';
  const TASK_PART = '--x\r\nContent-Disposition: form-data; name="task"\r\n\r\n{"kind":"ocr"}\r\n';

  test.each([
    ['nothing in it', ''],
    ['no boundary in it', 'nonsense'],
    ['a boundary and nothing else', '--x\r\nnonsense'],
    ['a picture without an end', `${TASK_PART}${PICTURE_PART}abc`],
    ['a header without an end', '--x\r\nContent-Disposition: form-data; name="picture'],
    ['two pictures', `${TASK_PART}${PICTURE_PART}abc\r\n${PICTURE_PART}abc\r\n--x--\r\n`],
    [
      'a field of a name that objects have',
      `${PICTURE_PART}abc\r\n${TASK_PART.replace('task', '__proto__')}--x--\r\n`,
    ],
    [
      'thousands of fields',
      `${'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n'.repeat(5000)}--x--\r\n`,
    ],
    ['a name of many kilobytes', `${TASK_PART.replace('task', 'a'.repeat(200_000))}--x--\r\n`],
  ])('with a damaged form, which has %s', async (_name, body) => {
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const response = await post(body, { headers });
    expect(response.status).toBe(400);
    expect((await problemIn(response)).code).toBe('badRequest');
  });

  test('whose sender goes away, and the others are served', async () => {
    const { port } = new URL(it.address);
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    const head = 'POST /api/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n';
    socket.write(
      `${head}Content-Type: multipart/form-data; boundary=x\r\n\r\n${TASK_PART}${PICTURE_PART}abc`,
    );
    socket.resume().end();
    await once(socket, 'close');
    expect((await answerTo(DESCRIBE)).answer.text).toBe('a red circle');
  });

  test('with a picture over the limit, said or not', async () => {
    const large = new Uint8Array(2 ** 20 + 1);
    const response = await post(formOf(DESCRIBE, {}, large));
    expect(response.status).toBe(413);
    expect(await problemIn(response)).toMatchObject({ code: 'pictureTooLarge', values: { mebibytes: 1 } });
    expect((await post(formOf(DESCRIBE, {}, new Uint8Array(8 * 2 ** 20)))).status).toBe(413);
  });

  test('when one requester has as many waiting as may be', async () => {
    it.inference.hold();
    const ids = [];
    for (let count = 0; count < 3; count++) {
      ids.push(await give(DESCRIBE, { requester: 'eager' }));
    }
    const response = await post(formOf(DESCRIBE, { requester: 'eager' }));
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('10');
    expect(await problemIn(response)).toMatchObject({ code: 'tooManyOfYours', values: { count: 3 } });
    it.inference.release();
    await Promise.all(ids.map(eventsOf));
  });

  test('when it comes too fast', async () => {
    const { address } = await another({ taskRate: new RateLimit({ burst: 1, perSecond: 0.1 }) });
    expect((await post(formOf(DESCRIBE), { address })).status).toBe(202);
    const response = await post(formOf(DESCRIBE), { address });
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(5);
    expect(await problemIn(response)).toMatchObject({ code: 'tooFast' });
  });

  test.each([
    ['GET', '/api/nothing'],
    ['GET', '/api/tasks/00000000-0000-4000-8000-000000000000'],
    ['GET', '/../package.json'],
    ['GET', '/samples/../samples.json/x'],
    ['GET', '/page.ts'],
  ])('for what is not there: %s %s', async (method, path) => {
    expect((await raw(path, { method })).status).toBe(404);
  });

  test.each([
    ['POST', '/', 'GET'],
    ['PUT', '/api/tasks', 'POST'],
    ['POST', '/api/status', 'GET'],
  ])('for a method that is not served: %s %s', async (method, path, allowed) => {
    const { status, headers } = await raw(path, { method });
    expect(status).toBe(405);
    expect(headers.allow).toBe(allowed);
  });
});

/** A request with headers that fetch would not send. */
async function raw(
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]> }> {
  const { port } = new URL(it.address);
  return new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
    })
      .on('error', reject)
      .end();
  });
}

describe('who is let in', () => {
  test.each(['localhost', '127.0.0.1:9465', '[::1]:9465'])(
    'a request that names this machine as %s',
    async (host) => {
      expect((await raw('/api/status', { headers: { host } })).status).toBe(200);
    },
  );

  test.each(['example.org', 'localhost.example.org', '192.168.1.5', 'a@localhost'])(
    'none that names %s',
    async (host) => {
      expect((await raw('/api/status', { headers: { host } })).status).toBe(421);
      expect((await raw('/', { headers: { host } })).status).toBe(421);
    },
  );

  test.each([
    [{ origin: 'https://example.org' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'http://localhost:1234' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }, 403],
    [{ origin: 'http://localhost:9465' }, 200],
    [{ 'sec-fetch-site': 'same-origin' }, 200],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 200],
  ])('by the page it comes from: %j gets status %i', async (headers, status) => {
    expect((await raw('/api/status', { headers: { host: 'localhost:9465', ...headers } })).status).toBe(
      status,
    );
  });

  test('with a token set, who bears it; the page itself is for all', async () => {
    const token = 'a-token-of-sixteen-or-more';
    const { address } = await another({ token });
    const statusWith = async (authorization?: string): Promise<number> =>
      (
        await fetch(`${address}/api/status`, {
          headers: authorization === undefined ? {} : { authorization },
        })
      ).status;
    expect(await statusWith()).toBe(401);
    expect(await statusWith('Bearer another-token-of-sixteen')).toBe(401);
    expect(await statusWith(`Basic ${token}`)).toBe(401);
    expect(await statusWith(`Bearer ${token}`)).toBe(200);
    expect((await post(formOf(DESCRIBE), { address })).status).toBe(401);
    expect((await fetch(address)).status).toBe(200);
  });
});

describe('the page', () => {
  test('may run and show what comes from here, and nothing else', async () => {
    const response = await fetch(it.address);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const addresses = (await response.text()).match(/(?:src|href)="[^"]*"/g);
    expect(addresses).toEqual(['href="icon.svg"', 'href="page.css"', 'src="page.js"', 'src="icon.svg"']);
  });

  test('is not sent again while it is as it was', async () => {
    const etag = (await fetch(`${it.address}/page.js`)).headers.get('etag') ?? '';
    expect((await raw('/page.js', { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  test('that has not been built is told in a sentence', async () => {
    await expect(startPlayground({ pageFolder: '/nowhere' })).rejects.toThrow(UserError);
  });
});

describe('stopping', () => {
  test('lets what runs finish, tells what waits, and takes nothing new', async () => {
    const stopped = await another({});
    stopped.inference.hold();
    const started = stopped.inference.nextStart();
    const giveTo = async (requester: string): Promise<string> => {
      const response = await post(formOf(DESCRIBE, { requester }), { address: stopped.address });
      return ((await response.json()) as TaskState).id;
    };
    const [running, waiting] = [await giveTo('one'), await giveTo('two')];
    await started;
    const streams = [running, waiting].map(async (id) =>
      (await fetch(`${stopped.address}/api/tasks/${id}/events`)).text(),
    );
    await expect.poll(() => streams.length).toBe(2);
    const waitingEnded = streams[1];
    // Both streams are open once the server has told the first state.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const end = stopped.playground.stop();
    expect(await waitingEnded).toContain('event: failed\ndata: {"id"');
    expect(await waitingEnded).toContain('"restarting"');
    expect((await post(formOf(DESCRIBE), { address: stopped.address })).status).toBe(503);
    stopped.inference.release();
    expect(await streams[0]).toContain('event: answered');
    await end;
    await expect(fetch(stopped.address)).rejects.toThrow();
  });
});
