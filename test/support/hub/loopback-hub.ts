import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Hub } from '../../../src/checkpoints/hub/hub.js';
import type { Fault } from './fault.js';
import { sendFile, sendPage } from './send-file.js';

/** Files from this size on are kept by another host, as the real hub keeps large ones. Bytes. */
const LARGE = 64 * 1024;
export const REVISION = '0123456789abcdef0123456789abcdef01234567';

export interface HubRequest {
  readonly host: 'hub' | 'storage';
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

type Files = ReadonlyMap<string, Uint8Array>;

interface StoredRepository {
  /** By commit, and by the names that commits have. */
  readonly states: Map<string, { readonly revision: string; readonly files: Files }>;
  readonly gated: boolean;
}

/** What is known of a repository that is added. */
export interface RepositoryOptions {
  /** Only with `acceptedToken` its files may be had. */
  readonly gated?: boolean;
  readonly revision?: string;
  /** What the commit is called; `HEAD` is what is asked for where nobody names another. */
  readonly branch?: string;
}

/** As the Hugging Face Hub as a client meets it, on loopback: stricter, and faulty on demand. */
export class LoopbackHub {
  /** All that was asked for, in order. */
  readonly requests: HubRequest[] = [];
  /** What a client must never do. */
  readonly violations: string[] = [];
  /** The owner of this token has accepted all licences. */
  readonly acceptedToken = 'hf_accepted';
  /** The owner of this one has not. */
  readonly strangersToken = 'hf_stranger';
  readonly #repositories = new Map<string, StoredRepository>();
  readonly #faults = new Map<string, { readonly fault: Fault; times: number }[]>();
  /** A mirror that holds nothing sends all requests on to there. */
  sendsOnTo: string | undefined;
  readonly #hub: Server;
  readonly #storage: Server;

  private constructor() {
    this.#hub = createServer((request, response) => {
      this.#answerAsHub(request, response);
    });
    this.#storage = createServer((request, response) => {
      this.#answerAsStorage(request, response);
    });
  }

  static async start(): Promise<LoopbackHub> {
    const hub = new LoopbackHub();
    for (const server of [hub.#hub, hub.#storage]) {
      await once(server.listen(0, '127.0.0.1'), 'listening');
    }
    return hub;
  }

  get endpoint(): string {
    return addressOf(this.#hub);
  }

  /** As a client that is patient for milliseconds only. */
  client(token?: string): Hub {
    const patience = { tries: 4, firstPauseMs: 2, longestPauseMs: 1500, stallMs: 150 };
    return { endpoint: this.endpoint, token, patience };
  }

  /** Another state of a repository that is there already is added to it; one of the same name takes its place. */
  addRepository(
    name: string,
    files: Readonly<Record<string, Uint8Array>>,
    { gated = false, revision = REVISION, branch = 'HEAD' }: RepositoryOptions = {},
  ): void {
    const state = { revision, files: new Map(Object.entries(files)) };
    const states = new Map(this.#repositories.get(name)?.states);
    this.#repositories.set(name, { states: states.set(revision, state).set(branch, state), gated });
  }

  /** Lets the next requests for a file, or for one of the two that list a repository, go wrong. */
  fail(path: string, fault: Fault, times = 1): void {
    this.#faults.set(path, [...(this.#faults.get(path) ?? []), { fault, times }]);
  }

  /** The ranges of a large file that were asked for. */
  rangesOf(path: string): string[] {
    return this.requests
      .filter((request) => request.host === 'storage' && request.path.endsWith(`/${path}`))
      .flatMap(({ range }) => range ?? []);
  }

  async close(): Promise<void> {
    for (const server of [this.#hub, this.#storage]) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  }

  #answerAsHub(request: IncomingMessage, response: ServerResponse): void {
    const url = this.#note('hub', request);
    if (this.sendsOnTo !== undefined) {
      response.writeHead(308, { location: `${this.sendsOnTo}${request.url ?? ''}` }).end();
      return;
    }
    const [, repository, path] = /^\/(?:api\/models\/)?([^/]+\/[^/]+)\/(.+)$/.exec(url.pathname) ?? [];
    const found = this.#repositories.get(repository);
    const token = request.headers.authorization?.replace(/^Bearer /, '');
    const known = token === this.acceptedToken || token === this.strangersToken;
    if (token !== undefined && !known) {
      refuse(response, 401, 'Invalid credentials in Authorization header');
    } else if (found === undefined) {
      refuse(response, known ? 404 : 401, 'Repository not found', { 'x-error-code': 'RepoNotFound' });
    } else if (url.pathname.startsWith('/api/')) {
      this.#answerApi(path, found, response);
    } else {
      const [, revision, encoded] = /^resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
      if (!/^[0-9a-f]{40}$/.test(revision)) {
        this.violations.push(`a file was asked of what may change: ${path}`);
      }
      if (found.gated && token !== this.acceptedToken) {
        refuse(response, known ? 403 : 401, 'Access to model is restricted', { 'x-error-code': 'GatedRepo' });
      } else {
        this.#answerFile(decodeURIComponent(encoded), found.states.get(revision)?.files, request, response);
      }
    }
  }

  #answerApi(path: string, { states, gated }: StoredRepository, response: ServerResponse): void {
    const state = states.get(decodeURIComponent(path.replace(/^(?:tree|revision)\//, '')));
    const fault = this.#faultOf(path.startsWith('tree/') ? 'tree' : 'info');
    if (fault?.kind === 'status') {
      refuse(response, fault.status, 'as told', fault.headers);
      return;
    }
    if (fault?.kind === 'page') {
      sendPage(response);
      return;
    }
    if (fault?.kind === 'silence') {
      return;
    }
    if (state === undefined) {
      refuse(response, 404, 'Invalid rev id', { 'x-error-code': 'RevisionNotFound' });
      return;
    }
    const body = path.startsWith('tree/')
      ? [...state.files].map(([name, bytes]) => treeEntry(name, bytes))
      : {
          _id: '1',
          id: 'model',
          sha: state.revision,
          gated: gated ? 'manual' : false,
          lastModified: '2026-01-01T00:00:00Z',
        };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #answerFile(
    file: string,
    files: Files | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const bytes = files?.get(file);
    if (bytes === undefined) {
      refuse(response, 404, 'Entry not found', { 'x-error-code': 'EntryNotFound' });
    } else if (bytes.length >= LARGE) {
      // The repository is not in the address: its bytes are.
      const location = `${addressOf(this.#storage)}/${sha256(bytes)}/${encodeURIComponent(file)}`;
      response.writeHead(302, { location }).end();
    } else {
      sendFile(bytes, request, response, this.#faultOf(file));
    }
  }

  #answerAsStorage(request: IncomingMessage, response: ServerResponse): void {
    const url = this.#note('storage', request);
    if (request.headers.authorization !== undefined) {
      this.violations.push(`a token was sent to the second host: ${url.pathname}`);
    }
    const [, digest, path] = url.pathname.split('/');
    const file = decodeURIComponent(path);
    const states = [...this.#repositories.values()].flatMap((repository) => [...repository.states.values()]);
    const all = states.flatMap(({ files }) => [...files]);
    const bytes = all.find(([name, candidate]) => name === file && sha256(candidate) === digest)?.[1];
    if (bytes === undefined) {
      refuse(response, 404, 'No such object');
    } else {
      sendFile(bytes, request, response, this.#faultOf(file));
    }
  }

  #note(host: HubRequest['host'], { url = '', headers }: IncomingMessage): URL {
    const address = new URL(url, 'http://loopback');
    const { range, authorization } = headers;
    this.requests.push({ host, path: decodeURIComponent(address.pathname), range, authorization });
    return address;
  }

  #faultOf(path: string): Fault | undefined {
    const waiting = this.#faults.get(path)?.find(({ times }) => times > 0);
    if (waiting !== undefined) {
      waiting.times--;
    }
    return waiting?.fault;
  }
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function refuse(
  response: ServerResponse,
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(JSON.stringify({ error }));
}

function treeEntry(path: string, bytes: Uint8Array): object {
  const { length: size } = bytes;
  const git = createHash('sha1').update(`blob ${size}\0`).update(bytes).digest('hex');
  return size < LARGE
    ? { type: 'file', path, size, oid: git }
    : { type: 'file', path, size, oid: 'f'.repeat(40), lfs: { oid: sha256(bytes), size, pointerSize: 134 } };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
