import type { APIEmbedImage, APIUnfurledMediaItem } from 'discord.js';

/** A picture that a message shows. */
export interface MessagePicture {
  /** Where to download it; on an allowed host if Discord has it on one. */
  readonly url: string;
  /** Discord's own copy of it. */
  readonly proxyUrl?: string;
  readonly name: string;
  /** Its alternative text. */
  readonly description: string | null;
  /** Hidden until somebody clicks on it. */
  readonly spoiler: boolean;
  /** Bytes. */
  readonly size?: number;
  /** Pixels. */
  readonly width?: number;
  readonly height?: number;
}

/** A picture or a film somewhere, of which Discord mostly has a copy. */
export type Media = APIUnfurledMediaItem | APIEmbedImage;

const FILM_ENDING = /\.(mp4|m4v|webm|mov|mkv|avi|ogv)$/i;

/** What stands around a picture. */
export interface Caption {
  readonly name?: string | undefined;
  readonly description?: string | null;
  readonly spoiler: boolean;
  readonly size?: number | undefined;
}

/**
 * Whether what a gallery, a thumbnail or an embed shows is a picture, and no film. Where Discord does not say the type,
 * the name tells; websites have pictures of any name.
 */
export function isPicture({ url, content_type: known }: Media): boolean {
  return typeof known === 'string' ? known.startsWith('image/') : !FILM_ENDING.test(lastOfPath(url));
}

/** Whether a file is a picture: by its type, or where Discord does not say that, by the ending of its name. */
export function isPictureFile(name: string, known: string | null | undefined): boolean {
  return typeof known === 'string' ? known.startsWith('image/') : hasPictureEnding(name);
}

/** The picture of a media item, by what stands around it. */
export function ofMedia(media: Media, caption: Caption): MessagePicture {
  const name = caption.name ?? lastOfPath(media.url);
  return {
    url: media.url,
    ...(media.proxy_url === undefined ? {} : { proxyUrl: media.proxy_url }),
    name: name.replace(/^SPOILER_/, ''),
    description: caption.description ?? null,
    spoiler: caption.spoiler || name.startsWith('SPOILER_'),
    ...(caption.size === undefined ? {} : { size: caption.size }),
    ...sizeOf(media),
  };
}

/** The pixels of a picture, where Discord knows them. */
export function sizeOf({ width, height }: { width?: number | null; height?: number | null }): {
  width?: number;
  height?: number;
} {
  return typeof width === 'number' && typeof height === 'number' ? { width, height } : {};
}

function hasPictureEnding(name: string): boolean {
  return /\.(png|gif|jpe?g|jfif|webp|avif)$/i.test(name);
}

/** The name that an address ends in. */
export function lastOfPath(url: string): string {
  const last = URL.canParse(url) ? (new URL(url).pathname.split('/').at(-1) ?? '') : '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
