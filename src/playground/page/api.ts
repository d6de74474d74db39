import type { Task } from '../../task.js';
import type { PlaygroundStatus, Problem, TaskState } from '../interface.js';

/** Milliseconds between two attempts at reaching Glimpse again, and how many there are. */
const PAUSE = 1000;
const ATTEMPTS = 5;
/** The token stays in the tab. */
const STORAGE_KEY = 'token';

/** Glimpse refused a request. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Names this tab, so that tabs take turns in the queue. */
const requester = `tab ${Math.random().toString(36).slice(2)}`;

/** @throws {RefusedError} */
export async function fetchStatus(): Promise<PlaygroundStatus> {
  return (await request('/api/status')).json() as Promise<PlaygroundStatus>;
}

/**
 * @throws {RefusedError} it is not taken
 * @throws {TypeError} Glimpse can't be reached
 */
export async function giveTask(picture: Blob, task: Task): Promise<TaskState> {
  const body = new FormData();
  body.set('task', JSON.stringify(task));
  body.set('requester', requester);
  // The page draws what was found itself.
  body.set('annotated', 'no');
  body.set('picture', picture, 'picture');
  return (await request('/api/tasks', { method: 'POST', body })).json() as Promise<TaskState>;
}

/** Also while the page is being left. */
export async function cancelTask(id: string): Promise<void> {
  await request(`/api/tasks/${id}`, { method: 'DELETE', keepalive: true });
}

/**
 * Follows a task to its end.
 *
 * @param onState is called whenever something changes
 * @throws {RefusedError} it is no longer known
 * @throws {TypeError} Glimpse can no longer be reached
 */
export async function followTask(id: string, onState: (state: TaskState) => void): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      for await (const state of eventsOf(await request(`/api/tasks/${id}/events`))) {
        onState(state);
        if (state.state !== 'waiting' && state.state !== 'running') {
          return;
        }
        attempt = 1;
      }
    } catch (error) {
      if (error instanceof RefusedError || attempt >= ATTEMPTS) {
        throw error;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** Whether a token is known; a wrong one shows in the next request. */
export function useToken(token: string): void {
  sessionStorage.setItem(STORAGE_KEY, token);
}

async function request(path: string, options: RequestInit = {}): Promise<Response> {
  const token = sessionStorage.getItem(STORAGE_KEY);
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(path, { ...options, headers });
  if (!response.ok) {
    throw new RefusedError(((await response.json()) as { error: Problem }).error);
  }
  return response;
}

/** The states in a stream of server-sent events. EventSource would do it too, but sends no token. */
async function* eventsOf({ body }: Response): AsyncGenerator<TaskState> {
  if (body === null) {
    return;
  }
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let unread = '';
  for (;;) {
    const { done, value = '' } = await reader.read();
    if (done) {
      return;
    }
    const events = (unread + value).split('\n\n');
    unread = events.pop() ?? '';
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (data !== undefined) {
        yield JSON.parse(data) as TaskState;
      }
    }
  }
}
