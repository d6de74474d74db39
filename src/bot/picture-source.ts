import type { Attachment, Message } from 'discord.js';
import type { Config } from '../config.js';
import type { UserError } from '../errors.js';
import { downloadPicture, isDownloadable, pictureElsewhere, pictureTooLarge } from './attachment-download.js';
import type { BotContext } from './bot-context.js';
import type { MessagePicture } from './pictures-in-message.js';

/** A whole picture may take this long to arrive. Milliseconds. */
const DOWNLOAD_TIMEOUT = 30_000;

/** A picture in hand. */
export interface SourcePicture {
  readonly bytes: Uint8Array;
  /** Its answer is then hidden behind a spoiler too. */
  readonly spoiler: boolean;
  /** Where it came from, and may be had again for a day. */
  readonly url: string;
}

/** What is known of a picture before it is downloaded. */
export type KnownPicture = Pick<MessagePicture, 'url' | 'spoiler'> & Partial<Pick<MessagePicture, 'size'>>;

/** Where the picture of a request comes from. */
export type PictureSource =
  | { readonly from: 'address'; readonly picture: KnownPicture }
  | {
      readonly from: 'memory';
      readonly picture: KnownPicture;
      /** Its bytes, while they are remembered; only looked for when they are needed, so that nothing else holds them. */
      readonly recall: () => Uint8Array | undefined;
    };

/**
 * What the picture under an answer is, as its buttons say it: a clean copy of the one asked about, one that was drawn
 * on, or none.
 */
export const POSTED_PICTURES = ['copy', 'drawn', 'none'] as const;
export type PostedPicture = (typeof POSTED_PICTURES)[number];

/** The picture of a slash command. */
export function sourceOfAttachment({ url, size, name, spoiler }: Attachment): PictureSource {
  return { from: 'address', picture: { url, size, spoiler: spoiler || name.startsWith('SPOILER_') } };
}

/**
 * The picture that an answer was about: from memory, or after a restart the copy that the answer carries.
 *
 * @returns undefined where it is forgotten
 */
export function sourceOfAnswer(
  { recent }: BotContext,
  message: Message,
  posted: PostedPicture,
): PictureSource | undefined {
  const remembered = recent.recall(message.id);
  if (remembered !== undefined) {
    const { url, spoiler, bytes } = remembered;
    return {
      from: 'memory',
      picture: { url, spoiler, size: bytes.byteLength },
      recall: () => recent.recall(message.id)?.bytes,
    };
  }
  const copy = message.attachments.find(({ contentType }) => contentType?.startsWith('image/') === true);
  return posted === 'copy' && copy !== undefined ? sourceOfAttachment(copy) : undefined;
}

/**
 * The bytes of a picture, at once: the addresses of Discord's attachments expire.
 *
 * @throws {UserError} it is too large, gone, or not where pictures are downloaded from
 */
export async function obtainPicture(
  { config, downloads, metrics }: BotContext,
  source: PictureSource,
  signal: AbortSignal,
): Promise<SourcePicture> {
  const { url, spoiler } = source.picture;
  const remembered = source.from === 'memory' ? source.recall() : undefined;
  if (remembered !== undefined) {
    return { bytes: remembered, spoiler, url };
  }
  refuseUnobtainable(source, config);
  const bytes = await downloads.run(async () => {
    const started = performance.now();
    const downloaded = await downloadPicture(url, {
      hosts: config.discord.attachmentHosts,
      maxBytes: config.limits.pictureMebibytes * 2 ** 20,
      timeoutMs: DOWNLOAD_TIMEOUT,
      signal,
    });
    metrics.downloaded(downloaded.length, performance.now() - started);
    return downloaded;
  }, signal);
  return { bytes, spoiler, url };
}

/**
 * What Discord says of a picture is enough to refuse it before anything is promised, and before anybody writes a question
 * about it.
 *
 * @throws {UserError} it is too large, or not where pictures are downloaded from
 */
export function refuseUnobtainable(source: PictureSource, config: Config): void {
  const refusal = source.from === 'address' ? refusalOf(source.picture, config) : undefined;
  if (refusal !== undefined) {
    throw refusal;
  }
}

/** Why a picture will not be downloaded, as far as that is known without asking for it. */
export function refusalOf(
  { url, size = 0 }: KnownPicture,
  { discord, limits }: Config,
): UserError | undefined {
  const maxBytes = limits.pictureMebibytes * 2 ** 20;
  if (!isDownloadable(url, discord.attachmentHosts)) {
    return pictureElsewhere();
  }
  return size > maxBytes ? pictureTooLarge(maxBytes) : undefined;
}
