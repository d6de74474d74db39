import type { Attachment, Message } from 'discord.js';
import { UserError } from '../errors.js';
import { downloadPicture } from './attachment-download.js';
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
  | { readonly from: 'memory'; readonly picture: SourcePicture };

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
    return { from: 'memory', picture: remembered };
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
  if (source.from === 'memory') {
    return source.picture;
  }
  const mebibytes = config.limits.pictureMebibytes;
  const { url, spoiler } = source.picture;
  refuseTooLarge(source, mebibytes);
  const bytes = await downloads.run(async () => {
    const started = performance.now();
    const downloaded = await downloadPicture(url, {
      hosts: config.discord.attachmentHosts,
      maxBytes: mebibytes * 2 ** 20,
      timeoutMs: DOWNLOAD_TIMEOUT,
      signal,
    });
    metrics.downloaded(downloaded.length, performance.now() - started);
    return downloaded;
  }, signal);
  return { bytes, spoiler, url };
}

/**
 * What Discord says of a file is enough to refuse it before anything is promised.
 *
 * @throws {UserError} it says that the file is too large
 */
export function refuseTooLarge(source: PictureSource, mebibytes: number): void {
  if (source.from === 'address' && (source.picture.size ?? 0) > mebibytes * 2 ** 20) {
    throw new UserError(`The file is too large: pictures of up to ${mebibytes} MiB are taken.`, {
      mistake: { code: 'pictureTooLarge', values: { mebibytes } },
    });
  }
}
