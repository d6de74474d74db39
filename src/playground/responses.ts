import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PageFile } from './page-files.js';

/** What is read and thrown away of a request that is refused, so that its sender hears why. Bytes. */
const MOST_DRAINED = 256 * 2 ** 20;

/** Reads what is still to come of a request: a sender who is cut off while sending would not hear why. */
export async function drain(request: IncomingMessage, patienceMs: number): Promise<void> {
  let drained = 0;
  const patience = setTimeout(() => request.destroy(), patienceMs);
  try {
    if (!request.destroyed) {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        drained += chunk.length;
        if (drained > MOST_DRAINED) {
          break;
        }
      }
    }
  } catch {
    // The sender has gone.
  } finally {
    clearTimeout(patience);
  }
}

export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes, mediaType, etag }: PageFile,
): void {
  const headers = { etag, 'cache-control': 'no-cache' };
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers).end();
  } else {
    send(response, 200, bytes, { ...headers, 'content-type': mediaType });
  }
}

/** The JSON of what was sent already, as long as it is kept itself. */
const knownJson = new WeakMap<object, Buffer>();

/**
 * A line of JSON. All who ask for the same state get the same bytes: how many of them read slowly takes no more memory.
 */
export function jsonOf(body: object): Buffer {
  const json = knownJson.get(body) ?? Buffer.from(`${JSON.stringify(body)}\n`);
  knownJson.set(body, json);
  return json;
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  send(response, status, jsonOf(body), {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...headers,
  });
}

export function send(
  response: ServerResponse,
  status: number,
  bytes: Uint8Array,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, { ...headers, 'content-length': bytes.byteLength }).end(bytes);
}
