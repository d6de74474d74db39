import {
  StickerFormatType,
  type APIEmbed,
  type Attachment,
  type Message,
  type MessageSnapshot,
  type Sticker,
} from 'discord.js';
import { isDownloadable, isLoopback } from './attachment-download.js';
import { isPicture, isPictureFile, ofMedia, sizeOf, type MessagePicture } from './message-picture.js';
import { picturesInComponents, type ShownComponent } from './pictures-in-components.js';

export type { MessagePicture } from './message-picture.js';

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
    ...picturesInComponents(
      message.components.map((component) => component.toJSON()),
      false,
    ),
    ...[...message.attachments.values()].filter(isPictureAttachment).map(ofAttachment),
    ...ofEmbeds(message),
    ...[...message.stickers.values()].flatMap((sticker) => ofSticker(sticker, hosts)),
  ];
}

function isPictureAttachment({ contentType, name }: Attachment): boolean {
  return contentType?.startsWith('image/') === true || isPictureFile(name, undefined);
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
    return [
      ...gallery.flatMap(({ data }) => picturesInComponents(componentsOf(data), spoiler)),
      ...media.flatMap((item) =>
        item === undefined || !isPicture(item)
          ? []
          : [ofMedia(item, { description: item.description ?? null, spoiler })],
      ),
    ];
  });
}

/**
 * The components of a link's preview, where its website lays that out itself. discord.js passes them on as they come, and
 * does not know them yet.
 */
function componentsOf(embed: APIEmbed & { readonly components?: unknown }): readonly ShownComponent[] {
  const { components } = embed;
  return Array.isArray(components) ? (components as readonly ShownComponent[]) : [];
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
