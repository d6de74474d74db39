import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A host of attachments that means no good. */
export class AttachmentHost {
  /** Requests that came. */
  requests = 0;
  readonly #server: Server;

  private constructor(listener: RequestListener) {
    this.#server = createServer((request, response) => {
      this.requests++;
      listener(request, response);
    });
  }

  static async start(listener: RequestListener): Promise<AttachmentHost> {
    const host = new AttachmentHost(listener);
    await new Promise<void>((resolve) => host.#server.listen(0, '127.0.0.1', resolve));
    return host;
  }

  /** With its port. */
  get name(): string {
    return `127.0.0.1:${this.port}`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** What such a host does with a request. */
export const MISDEEDS = {
  'never answers': () => undefined,
  'stalls in the middle': (_request, response) => {
    response.writeHead(200, { 'content-length': 1000 }).write('half');
  },
  'drips one byte after another': (_request, response) => {
    const drip = setInterval(() => response.write('.'), 20);
    response.on('close', () => {
      clearInterval(drip);
    });
  },
  'never ends': (_request, response) => {
    const piece = Buffer.alloc(64 * 1024);
    const more = (): void => {
      while (!response.destroyed && response.write(piece)) {
        // As much as the connection takes.
      }
    };
    response.on('drain', more);
    more();
  },
  'announces ten terabytes': (_request, response) => {
    response.writeHead(200, { 'content-length': 10 ** 13 }).write('a');
  },
  'redirects to 169.254.169.254': (_request, response) => {
    response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end();
  },
  'redirects to a file': (_request, response) => {
    response.writeHead(302, { location: 'file:///etc/passwd' }).end();
  },
  'redirects to itself without end': (request, response) => {
    response.writeHead(302, { location: `${request.url ?? ''}.` }).end();
  },
  'hangs up': (_request, response) => {
    response.destroy();
  },
} satisfies Record<string, RequestListener>;
