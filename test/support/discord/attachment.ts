import type { Json } from './json.js';

const SPOILER_FLAG = 1 << 3;

export interface AttachmentOptions {
  readonly id: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly url: string;
  readonly contentType: string | undefined;
  readonly description: string | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly spoiler: boolean;
  readonly ephemeral: boolean;
}

/** A file that Discord stores. */
export class Attachment {
  readonly id: string;
  readonly name: string;
  readonly bytes: Buffer;
  /** Signed, and good for a time only. */
  readonly url: string;
  readonly contentType: string | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly ephemeral: boolean;
  /** Its alternative text. */
  description: string | undefined;
  spoiler: boolean;

  constructor(options: AttachmentOptions) {
    this.id = options.id;
    this.name = options.name;
    this.bytes = Buffer.from(options.bytes);
    this.url = options.url;
    this.contentType = options.contentType;
    this.width = options.width;
    this.height = options.height;
    this.ephemeral = options.ephemeral;
    this.description = options.description;
    this.spoiler = options.spoiler || options.name.startsWith('SPOILER_');
  }

  get isPicture(): boolean {
    return this.contentType?.startsWith('image/') === true;
  }

  /** As Discord's API tells of it. */
  toJson(): Json {
    const { id, name, bytes, url, contentType, description, width, height } = this;
    return {
      id,
      filename: name,
      size: bytes.length,
      url,
      proxy_url: url,
      ...(contentType === undefined ? {} : { content_type: contentType }),
      ...(description === undefined ? {} : { description }),
      ...(width === undefined ? {} : { width }),
      ...(height === undefined ? {} : { height }),
      ...(this.ephemeral ? { ephemeral: true } : {}),
      ...(this.spoiler ? { flags: SPOILER_FLAG } : {}),
    };
  }
}
