import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** The requests that something is to happen to. */
export interface RequestMatch {
  readonly method?: string;
  /** Against the path without `/api/v10`. */
  readonly route: RegExp;
  /** True: only those that bring files. */
  readonly withFiles?: boolean;
  /** How many of them; 1 unless said otherwise. */
  readonly times?: number;
}

/** What a request gets in place of its answer. */
export type PlayedFailure =
  | {
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      readonly afterMs?: number;
    }
  | 'drop the connection'
  /** Alone of all failures, the request is carried out. */
  | 'lose the answer';

/** Failures of Discord that a test plays to the next requests. */
export class PlayedFailures {
  readonly #waiting: { match: RequestMatch; failure: PlayedFailure; left: number }[] = [];

  add(match: RequestMatch, failure: PlayedFailure): void {
    this.#waiting.push({ match, failure, left: match.times ?? 1 });
  }

  /** The failure that is due for a request; undefined when none is. */
  take(method: string | undefined, path: string, contentType = ''): PlayedFailure | undefined {
    const bringsFiles = contentType.startsWith('multipart/');
    const due = this.#waiting.find(
      ({ match, left }) =>
        left > 0 && isMatch(match, method, path) && (match.withFiles !== true || bringsFiles),
    );
    if (due !== undefined) {
      due.left--;
    }
    return due?.failure;
  }

  /** Answers with a failure. */
  async play(failure: PlayedFailure, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (typeof failure === 'string') {
      request.socket.destroy();
      return;
    }
    // Discord reads a request before it fails, and so does the client's connection expect.
    request.resume();
    if (!request.complete) {
      await once(request, 'end');
    }
    await sleep(failure.afterMs ?? 0);
    const isText = typeof failure.body === 'string';
    response
      .writeHead(failure.status, {
        'content-type': isText ? 'text/plain' : 'application/json',
        ...failure.headers,
      })
      .end(isText ? failure.body : JSON.stringify(failure.body ?? { message: 'played failure', code: 0 }));
  }
}

export function isMatch(
  { method, route }: RequestMatch,
  requested: string | undefined,
  path: string,
): boolean {
  return (method === undefined || method === requested) && route.test(path);
}
