import {
  ComponentType,
  StickerFormatType,
  type APIEmbedImage,
  type APIUnfurledMediaItem,
  type Attachment,
  type ComponentInContainer,
  type Message,
  type MessageSnapshot,
  type Sticker,
  type ThumbnailComponent,
  type TopLevelComponent,
} from 'discord.js';
import { isDownloadable, isLoopback } from './attachment-download.js';

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

/**
 * The pictures of a message in reading order, each once: those of its components, attachments, embeds and stickers, and
 * then of the message that it forwards.
 *
 * @param hosts that pictures are downloaded from
 */
export function picturesIn(message: Message, hosts: readonly string[]): readonly MessagePicture[] {
  const pictures = new Map<string, MessagePicture>();
  for (const shown of [message, ...message.messageSnapshots.values()]) {
    for (const picture of picturesShown(shown, hosts)) {
      const key = identity(picture);
      pictures.set(key, merge(pictures.get(key), picture));
    }
  }
  return [...pictures.values()].map((picture) => withBestAddress(picture, hosts));
}

function picturesShown(message: Message | MessageSnapshot, hosts: readonly string[]): MessagePicture[] {
  // A message with media among its components shows its attachments there alone, in their order.
  return [
    ...message.components.flatMap((component) => ofComponent(component, false)),
    ...[...message.attachments.values()].filter(isPicture).map(ofAttachment),
    ...ofEmbeds(message),
    ...[...message.stickers.values()].flatMap((sticker) => ofSticker(sticker, hosts)),
  ];
}

function isPicture({ contentType, name }: Attachment): boolean {
  return contentType?.startsWith('image/') === true || hasPictureEnding(name);
}

function ofAttachment(attachment: Attachment): MessagePicture {
  const { url, proxyURL, name, description, spoiler, size } = attachment;
  return {
    url,
    proxyUrl: proxyURL,
    name: name.replace(/^SPOILER_/, ''),
    description,
    spoiler: spoiler || name.startsWith('SPOILER_'),
    size,
    ...sizeOf(attachment),
  };
}

/** Embeds of one address are one gallery: they share what stands around their pictures, also the thumbnail. */
function ofEmbeds({ embeds, content }: Message | MessageSnapshot): MessagePicture[] {
  const firsts = embeds.filter(
    ({ url }, index) => url === null || index === embeds.findIndex((embed) => embed.url === url),
  );
  return firsts.flatMap((first) => {
    const spoiler = isInSpoiler(first.url, content);
    const gallery = first.url === null ? [first] : embeds.filter(({ url }) => url === first.url);
    const media = [first.data.thumbnail, ...gallery.map(({ data }) => data.image)];
    return media.flatMap((item) =>
      item === undefined ? [] : [ofMedia(item, { description: item.description ?? null, spoiler })],
    );
  });
}

/**
 * Whether the address that an embed was made from stands between bars in the text: then the embed is hidden too.
 *
 * @param content null where Discord withholds it
 */
function isInSpoiler(url: string | null, content: string | null): boolean {
  const hidden = content?.match(/\|\|[^]+?\|\|/g) ?? [];
  return url !== null && hidden.some((part) => part.includes(url));
}

function ofSticker({ id, name, description, format }: Sticker, hosts: readonly string[]): MessagePicture[] {
  if (format === StickerFormatType.Lottie) {
    return [];
  }
  const ending = format === StickerFormatType.GIF ? 'gif' : 'png';
  // Of all that Discord stores, stickers that are GIFs alone are not at its first address.
  const media = ending === 'gif' ? hosts.find((host) => host === 'media.discordapp.net') : undefined;
  const host = media ?? hosts[0];
  const protocol = isLoopback(new URL(`http://${host}`).hostname) ? 'http' : 'https';
  const url = `${protocol}://${host}/stickers/${id}.${ending}`;
  return [{ url, name: `${name}.${ending}`, description, spoiler: false }];
}

function ofComponent(
  component: TopLevelComponent | ComponentInContainer | ThumbnailComponent,
  hidden: boolean,
): MessagePicture[] {
  switch (component.type) {
    case ComponentType.Container:
      return component.components.flatMap((inner) => ofComponent(inner, hidden || component.spoiler));
    case ComponentType.Section:
      return component.accessory.type === ComponentType.Thumbnail
        ? ofComponent(component.accessory, hidden)
        : [];
    case ComponentType.MediaGallery:
      return component.items.flatMap(({ media, description, spoiler }) =>
        ofUnfurled(media.data, { description, spoiler: hidden || spoiler }),
      );
    case ComponentType.Thumbnail: {
      const { media, description, spoiler } = component;
      return ofUnfurled(media.data, { description, spoiler: hidden || spoiler });
    }
    case ComponentType.File: {
      const { name, size } = component.data;
      return ofUnfurled(component.file.data, { name, size, spoiler: hidden || component.spoiler });
    }
    default:
      return [];
  }
}

interface Caption {
  readonly name?: string | undefined;
  readonly description?: string | null;
  readonly spoiler: boolean;
  readonly size?: number | undefined;
}

function ofUnfurled(media: APIUnfurledMediaItem, caption: Caption): MessagePicture[] {
  const known = media.content_type;
  const shows =
    typeof known !== 'string' ? hasPictureEnding(lastOfPath(media.url)) : known.startsWith('image/');
  return shows ? [ofMedia(media, caption)] : [];
}

function ofMedia(media: APIUnfurledMediaItem | APIEmbedImage, caption: Caption): MessagePicture {
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

function sizeOf({ width, height }: { width?: number | null; height?: number | null }): {
  width?: number;
  height?: number;
} {
  return typeof width === 'number' && typeof height === 'number' ? { width, height } : {};
}

function hasPictureEnding(name: string): boolean {
  return /\.(png|gif|jpe?g|jfif|webp|avif)$/i.test(name);
}

function lastOfPath(url: string): string {
  const last = URL.canParse(url) ? (new URL(url).pathname.split('/').at(-1) ?? '') : '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/** The same for all addresses of one picture: Discord serves an attachment from two hosts, signed anew each time. */
function identity({ url }: MessagePicture): string {
  if (!URL.canParse(url)) {
    return url;
  }
  const { pathname, href } = new URL(url);
  return /^\/(ephemeral-)?attachments\//.test(pathname) ? pathname : href;
}

/** What the first mention of a picture says, and what only the second one knows. */
function merge(first: MessagePicture | undefined, second: MessagePicture): MessagePicture {
  return first === undefined
    ? second
    : {
        ...second,
        ...first,
        description: first.description ?? second.description,
        spoiler: first.spoiler || second.spoiler,
      };
}

function withBestAddress(picture: MessagePicture, hosts: readonly string[]): MessagePicture {
  const { url, proxyUrl } = picture;
  const proxyIsBetter =
    proxyUrl !== undefined && !isDownloadable(url, hosts) && isDownloadable(proxyUrl, hosts);
  return proxyIsBetter ? { ...picture, url: proxyUrl } : picture;
}
