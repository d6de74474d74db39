import type { ServerResponse } from 'node:http';
import type { TaskState } from './interface.js';
import { jsonOf } from './responses.js';
import type { Tasks } from './tasks.js';

/** A proxy may end a connection that says nothing. Milliseconds. */
const HEARTBEAT = 15_000;

/**
 * Sends how a task stands, whenever that changes, as server-sent events (HTML Living Standard, section 9.2): `progress`,
 * and at last `answered`, `failed` or `cancelled`, each with the state as JSON.
 *
 * @param heartbeatMs between two signs of life
 */
export function sendEvents(
  response: ServerResponse,
  tasks: Tasks,
  id: string,
  heartbeatMs = HEARTBEAT,
): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  const heartbeat = setInterval(() => {
    // Who has not read the last words yet needs no sign of life, and would only pile them up.
    if (!response.writableNeedDrain) {
      response.write(':\n\n');
    }
  }, heartbeatMs);
  const forget = tasks.watch(id, (state) => {
    if (isOver(state)) {
      // The connection closes only when its reader has taken everything, which may be never; nothing more is written.
      clearInterval(heartbeat);
      writeEvent(response, state.state, state);
      response.end();
    } else if (!response.writableNeedDrain) {
      // Who reads slowly misses some words of a growing answer; the next event has them all.
      writeEvent(response, 'progress', state);
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

/** JSON has no line breaks, which would end the event, but the one at its end; an empty line is the event's end. */
function writeEvent(response: ServerResponse, name: string, state: TaskState): void {
  response.cork();
  response.write(`event: ${name}\ndata: `);
  response.write(jsonOf(state));
  response.write('\n');
  response.uncork();
}
