import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../local-server.js';
import { readPageFiles, type PageFile } from './page-files.js';
import { refusalOf } from './problems.js';
import { RateLimit } from './rate-limit.js';
import { refuseForeign, refuseOtherMethods, refuseTooFast, visitorOf } from './request-guard.js';
import { drain, sendFile, sendJson } from './responses.js';
import { TaskApi, type TaskApiOptions } from './task-api.js';

/** What a browser may do with the page: run and show what comes from here, and no more. */
const SECURITY_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** A request that takes longer to arrive is given up. Milliseconds. */
const PATIENCE = 60_000;
/** A visitor who neither sends nor takes anything for so long is let go: what waits for them is in memory. Milliseconds. */
const LONGEST_STANDSTILL = 120_000;

export interface PlaygroundOptions extends TaskApiOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Where the page is; where `npm run build` puts it unless said otherwise. */
  readonly pageFolder?: string;
  /** How long a visitor may neither send nor take anything; 2 minutes unless said otherwise. Milliseconds. */
  readonly standstillMs?: number;
}

/** The local page, and the interface behind it that docs/playground.md documents. */
export class Playground {
  readonly #options: PlaygroundOptions;
  readonly #files: ReadonlyMap<string, PageFile>;
  readonly #api: TaskApi;
  readonly #requestRate = new RateLimit({ burst: 600, perSecond: 20 });
  readonly #server = createServer(
    { requestTimeout: PATIENCE, headersTimeout: PATIENCE / 4 },
    (...exchange) => {
      void this.#handle(...exchange);
    },
  );
  #port = 0;

  private constructor(options: PlaygroundOptions, files: ReadonlyMap<string, PageFile>) {
    this.#options = options;
    this.#files = files;
    this.#api = new TaskApi(options);
    this.#server.maxConnections = 256;
    this.#server.setTimeout(options.standstillMs ?? LONGEST_STANDSTILL);
  }

  /**
   * Opens the page.
   *
   * @throws {UserError} the port is taken, the host is not this machine, or the page has not been built
   */
  static async start(options: PlaygroundOptions): Promise<Playground> {
    const playground = new Playground(options, await readPageFiles(options.pageFolder));
    const { host, port } = options;
    playground.#port = await listen(playground.#server, {
      host,
      port,
      settings: 'PLAYGROUND',
      mayBeOff: false,
    });
    return playground;
  }

  /** Where visitors find the page: behind a proxy at its address, else as a browser on this machine does. */
  get address(): string {
    return this.#options.publicAddress ?? this.localAddress;
  }

  /** Where the page is, for a browser or a proxy on this machine. */
  get localAddress(): string {
    const { host } = this.#options;
    const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
    return `http://${name.includes(':') ? `[${name}]` : name}:${this.#port}`;
  }

  /** Takes nothing new, tells those who wait, lets the running task finish until its time is up, and closes. */
  async stop(): Promise<void> {
    await this.#api.stop();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    // What was written last is on its way; connections that are only kept open end now.
    this.#server.closeIdleConnections();
    const lastMoment = setTimeout(() => {
      this.#server.closeAllConnections();
    }, 1000);
    await closed;
    clearTimeout(lastMoment);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      response.setHeader(name, value);
    }
    // Without a listener, what goes wrong with one visitor's response would end the process.
    response.on('error', (error) => {
      this.#options.log.error({ err: error }, 'a response of the playground failed');
    });
    try {
      const { host, publicAddress } = this.#options;
      refuseForeign(request, { host, address: publicAddress });
      refuseTooFast(this.#requestRate, visitorOf(request, publicAddress !== undefined));
      const path = (request.url ?? '/').split('?')[0] ?? '/';
      const file = this.#files.get(path);
      if (file === undefined) {
        await this.#api.handle(path, request, response);
      } else {
        refuseOtherMethods(request, ['GET']);
        sendFile(request, response, file);
      }
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal.status === 500) {
        this.#options.log.error({ err: error }, 'a request to the playground failed');
      }
      if (response.headersSent) {
        response.destroy();
        return;
      }
      await drain(request, PATIENCE / 4);
      sendJson(
        response,
        refusal.status,
        { error: refusal.problem },
        { ...refusal.headers, connection: 'close' },
      );
    }
  }
}
