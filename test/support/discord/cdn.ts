import { createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Attachment } from './attachment.js';
import { mediaTypeOf } from './files.js';
import type { Json } from './json.js';
import { listen, portOf } from './listening.js';
import type { PlayedFailures } from './played-failures.js';
import { pictureSize } from './picture-size.js';
import { snowflake } from './snowflake.js';

const DAY = 24 * 60 * 60_000;

export interface StoreOptions {
  readonly channelId: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly contentType?: string | undefined;
  readonly description?: string | undefined;
  readonly spoiler?: boolean;
  readonly ephemeral?: boolean;
  readonly expiresInMs?: number;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly omitDimensions?: boolean;
}

/** Where attachments and stickers are downloaded. Addresses of attachments are signed and expire. */
export class Cdn {
  readonly #secret = randomBytes(32);
  readonly #files = new Map<string, { bytes: Uint8Array; contentType: string; isSigned: boolean }>();
  readonly #server: Server;
  readonly #failures: PlayedFailures;

  private constructor(failures: PlayedFailures) {
    this.#failures = failures;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(failures: PlayedFailures): Promise<Cdn> {
    const cdn = new Cdn(failures);
    await listen(cdn.#server);
    return cdn;
  }

  get host(): string {
    return `127.0.0.1:${portOf(this.#server)}`;
  }

  /** Keeps a file, and gives it an address. */
  store(options: StoreOptions): Attachment {
    const { bytes, channelId, ephemeral = false, spoiler = false } = options;
    const id = snowflake();
    const name = spoiler && !options.name.startsWith('SPOILER_') ? `SPOILER_${options.name}` : options.name;
    const contentType = options.contentType ?? mediaTypeOf(name);
    const folder = ephemeral ? 'ephemeral-attachments' : 'attachments';
    const path = `/${folder}/${channelId}/${id}/${encodeURIComponent(name)}`;
    this.#files.set(path, {
      bytes,
      contentType: contentType ?? 'application/octet-stream',
      isSigned: true,
    });
    const size = options.omitDimensions === true ? undefined : pictureSize(bytes);
    return new Attachment({
      id,
      name,
      bytes,
      url: this.#sign(path, options.expiresInMs ?? DAY),
      contentType,
      description: options.description,
      width: options.width ?? size?.width,
      height: options.height ?? size?.height,
      spoiler,
      ephemeral,
    });
  }

  storeSticker(bytes: Uint8Array, ending: string): string {
    const id = snowflake();
    const contentType = mediaTypeOf(`sticker.${ending}`) ?? 'application/octet-stream';
    this.#files.set(`/stickers/${id}.${ending}`, { bytes, contentType, isSigned: false });
    return id;
  }

  /** Keeps a copy of a picture that is elsewhere, as Discord does of what people link to. */
  proxy(bytes: Uint8Array, url: string): Json {
    const { protocol, host, pathname } = new URL(url);
    const signature = createHmac('sha256', this.#secret).update(url).digest('base64url');
    const path = `/external/${signature}/${protocol.slice(0, -1)}/${host}${pathname}`;
    const contentType = mediaTypeOf(pathname) ?? 'image/png';
    this.#files.set(path, { bytes, contentType, isSigned: false });
    const size = pictureSize(bytes);
    return {
      url,
      proxy_url: `http://${this.host}${path}`,
      ...(size === undefined ? {} : { width: size.width, height: size.height }),
      content_type: contentType,
      flags: 0,
    };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #sign(path: string, expiresInMs: number): string {
    const now = Date.now();
    const seconds = (time: number): string => Math.floor(time / 1000).toString(16);
    const query = new URLSearchParams({ ex: seconds(now + expiresInMs), is: seconds(now) });
    query.set('hm', this.#signature(path, query));
    return `http://${this.host}${path}?${query.toString()}`;
  }

  #signature(path: string, query: URLSearchParams): string {
    return createHmac('sha256', this.#secret)
      .update(`${path} ${query.get('ex') ?? ''} ${query.get('is') ?? ''}`)
      .digest('hex');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', `http://${this.host}`);
    const failure = this.#failures.take(request.method, pathname);
    if (failure !== undefined) {
      await this.#failures.play(failure, request, response);
      return;
    }
    const file = this.#files.get(pathname);
    if (file === undefined || (file.isSigned && !this.#isGood(pathname, searchParams))) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('This content is no longer available.');
      return;
    }
    const headers = { 'content-type': file.contentType, 'content-length': file.bytes.length };
    response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : file.bytes);
  }

  #isGood(path: string, query: URLSearchParams): boolean {
    const expires = Number.parseInt(query.get('ex') ?? '', 16) * 1000;
    return query.get('hm') === this.#signature(path, query) && Date.now() < expires;
  }
}
