import type { ServerResponse } from 'node:http';
import type { TaskState } from './interface.js';
import type { Tasks } from './tasks.js';

/** A proxy may end a connection that says nothing. Milliseconds. */
const HEARTBEAT = 15_000;

/**
 * Sends how a task stands, whenever that changes, as server-sent events (HTML Living Standard, section 9.2): `progress`,
 * and at last `answered`, `failed` or `cancelled`, each with the state as JSON.
 */
export function sendEvents(response: ServerResponse, tasks: Tasks, id: string): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  const heartbeat = setInterval(() => response.write(':\n\n'), HEARTBEAT);
  const forget = tasks.watch(id, (state) => {
    if (isOver(state)) {
      response.end(event(state.state, state));
    } else if (!response.writableNeedDrain) {
      // Who reads slowly misses some words of a growing answer; the next event has them all.
      response.write(event('progress', state));
    }
  });
  response.once('close', () => {
    clearInterval(heartbeat);
    forget();
  });
}

function isOver({ state }: TaskState): boolean {
  return state !== 'waiting' && state !== 'running';
}

/** JSON has no line breaks, which would end the event. */
function event(name: string, state: TaskState): string {
  return `event: ${name}\ndata: ${JSON.stringify(state)}\n\n`;
}
