import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from './fault.js';

/** Sends a file or the range of it that was asked for, as a server does that knows ranges, or as the fault has it. */
export function sendFile(
  bytes: Uint8Array,
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
): void {
  if (fault?.kind === 'status') {
    response.writeHead(fault.status, fault.headers ?? {}).end();
    return;
  }
  if (fault?.kind === 'page') {
    sendPage(response);
    return;
  }
  if (fault?.kind === 'silence') {
    return;
  }
  const asked = fault?.kind === 'ignoresRange' ? undefined : rangeOf(request.headers.range, bytes.length);
  if (asked !== undefined && asked.first >= bytes.length) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    return;
  }
  const { first, last } =
    asked === undefined || fault?.kind === 'wrongRange' ? { first: 0, last: bytes.length - 1 } : asked;
  const body = bodyOf(bytes.subarray(first, last + 1), fault);
  response.writeHead(asked === undefined ? 200 : 206, {
    ...(asked === undefined
      ? {}
      : { 'content-range': `bytes ${first}-${last}/${fault?.kind === 'unknownWhole' ? '*' : bytes.length}` }),
    // Without it a body that is too long comes in chunks, whose length nobody has told.
    ...(fault?.kind === 'tooLong' ? {} : { 'content-length': body.length }),
  });
  if (fault?.kind === 'cut' || fault?.kind === 'stall') {
    response.write(body.subarray(0, fault.after), () => {
      if (fault.kind === 'cut') {
        response.destroy();
      }
    });
  } else {
    response.end(body);
  }
}

/** What a network that wants a login first gives to every request. */
export function sendPage(response: ServerResponse): void {
  const page = '<!DOCTYPE html><title>Welcome</title><p>Sign in to go on.';
  response
    .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': Buffer.byteLength(page) })
    .end(page);
}

function bodyOf(body: Uint8Array, fault: Fault | undefined): Uint8Array {
  if (fault?.kind === 'wrongByte') {
    const wrong = Uint8Array.from(body);
    wrong[wrong.length >> 1] ^= 1;
    return wrong;
  }
  return fault?.kind === 'tooLong' ? Buffer.concat([body, Buffer.from('more')]) : body;
}

function rangeOf(header: string | undefined, size: number): { first: number; last: number } | undefined {
  const match = /^bytes=(\d+)-(\d+)$/.exec(header ?? '');
  return match === null ? undefined : { first: Number(match[1]), last: Math.min(Number(match[2]), size - 1) };
}
