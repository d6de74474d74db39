import { once } from 'node:events';
import type { Server } from 'node:http';

/** Begins to listen on a free port of loopback. */
export async function listen(server: Server): Promise<void> {
  // Node's 5 seconds would close connections under the hands of a client that is about to use them.
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
