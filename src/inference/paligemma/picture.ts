import sharp, { type Metadata, type Sharp } from 'sharp';
import { UserError } from '../../errors.js';
import type { RgbPicture } from '../../task.js';
import { readAvif } from './avif-file.js';
import { readGif } from './gif-file.js';
import { mendForAvif, mendForGif, type Mend, type RawPicture } from './mended-pixels.js';
import { framesOfPng } from './png-file.js';

/** A larger picture would take over 300 MB once decoded. */
const LARGEST_AREA_PIXELS = 100_000_000;
/** AVIF's decoder holds a whole picture several times over: at this size it takes as much as the others at theirs. */
const LARGEST_AVIF_PIXELS = 50_000_000;
/** The slowest sound picture takes a tenth of it. Seconds. */
const DECODING_LIMIT = 60;

/** A picture as a person sees it, with what was left out. */
export interface UprightPicture extends RgbPicture {
  /** True when the file holds several frames; this is the first. */
  readonly firstFrameOnly: boolean;
}

/** The formats that are decoded; each decoder left out is one less that a hostile file can reach. */
const FORMATS = ['png', 'jpeg', 'webp', 'gif', 'avif'] as const;
type Format = (typeof FORMATS)[number];
/** What libvips calls their decoders. */
const LOADERS = ['Png', 'Jpeg', 'Webp', 'Nsgif', 'Heif'].map((name) => `VipsForeignLoad${name}`);

/**
 * Takes every other decoder out of this process: libvips then refuses what it would itself take for another format. A
 * process that draws from SVG can't have it.
 */
export function decodeKnownFormatsOnly(): void {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS });
}

/**
 * Has libvips forget in this process what it decoded: it would keep its last operations, in case that one of them is
 * wanted again, with all that they hold, which for a large progressive JPEG is a gigabyte.
 */
export function keepNoPixels(): void {
  sharp.cache(false);
}

/**
 * Reads a picture file as a person sees it: upright by its EXIF orientation, in 8-bit sRGB, the first frame of an
 * animation.
 *
 * Where a decoder leaves colours, opacity or uncovered places of a file as they are stored, they are made right here.
 *
 * Two things differ from PaliGemma's reference, both on purpose. Transparency is laid over white: the reference drops
 * it, and what was drawn dark on nothing turns black on black. A colour profile is applied (for sRGB itself that
 * changes no byte): the reference ignores it, and the annotated picture would show wrong colours.
 *
 * @param bytes a PNG, JPEG, WebP, GIF or AVIF file
 * @param longestSide a larger picture is reduced to it, as a person sees it and not as the model does. Pixels
 * @throws {UserError} it is none of these, is damaged or incomplete, has more than 100 megapixels (50 as AVIF), or takes
 * longer than a minute
 */
export async function decodePicture(bytes: Uint8Array, longestSide?: number): Promise<UprightPicture> {
  const format = formatOf(bytes);
  if (format === undefined) {
    throw new UserError(
      'This file is not a picture that Glimpse reads: a PNG, JPEG, WebP, GIF or AVIF file.',
      { mistake: { code: 'notAPicture' } },
    );
  }
  const avif = format === 'avif' ? readAvif(bytes) : undefined;
  const gif = format === 'gif' ? readGif(bytes) : undefined;
  const file = avif?.still ?? bytes;
  const metadata = await readHeader(file);
  const limitInputPixels = format === 'avif' ? LARGEST_AVIF_PIXELS : LARGEST_AREA_PIXELS;
  if (metadata.width * metadata.height > limitInputPixels) {
    throw tooManyPixels(limitInputPixels);
  }
  if (formatRead(metadata) !== format) {
    throw damaged();
  }
  const options = { metadata, limitInputPixels, longestSide };
  const mend = avif === undefined ? gif && mendForGif(gif, metadata) : mendForAvif(avif);
  const picture = await pixelsOf(file, { ...options, mend })
    .catch((cause: unknown) => {
      // A JPEG that lacks its last two bytes is whole, and browsers show it. One cut short elsewhere stays refused:
      // browsers show the rest as grey, but an answer about a part would be taken for one about all. libvips hears
      // libjpeg's warning of that from all rows but, without subsampling, the last eight; those few may be missing.
      if (format !== 'jpeg' || isTimeout(cause) || endsAsJpeg(file)) {
        throw cause;
      }
      return pixelsOf(Buffer.concat([file, END_OF_JPEG]), { ...options, mend, failOn: 'warning' });
    })
    .catch((cause: unknown) => {
      throw isTimeout(cause) ? tooSlow(cause) : damaged(cause);
    });
  const frames = [metadata.pages, gif?.frames.length, format === 'png' ? framesOfPng(bytes) : undefined].map(
    (count) => count ?? 1,
  );
  const moving = avif === undefined ? Math.max(...frames) > 1 : avif.frames > 1;
  const { data, width, height } = picture;
  return { data, width, height, firstFrameOnly: moving };
}

const END_OF_JPEG = Buffer.from([0xff, 0xd9]);

function endsAsJpeg(file: Uint8Array): boolean {
  return END_OF_JPEG.equals(file.subarray(-END_OF_JPEG.length));
}

interface Decoding {
  readonly metadata: Metadata;
  readonly limitInputPixels: number;
  readonly longestSide: number | undefined;
  readonly mend: Mend | undefined;
  /** Not 'warning' unless a decoder can be silent about what is missing: it warns of a stray byte in sound photographs. */
  readonly failOn?: 'warning' | 'error';
}

async function pixelsOf(
  file: Uint8Array,
  { metadata, limitInputPixels, longestSide, mend, failOn = 'error' }: Decoding,
): Promise<RgbPicture> {
  const decoded = sharp(file, { autoOrient: true, failOn, limitInputPixels });
  const space = sixteenBitSpace(metadata);
  if (space !== undefined) {
    decoded.pipelineColourspace(space);
  }
  if (mend === undefined) {
    return rawOf(reduced(decoded, longestSide).flatten({ background: '#ffffff' }));
  }
  const { data, ...size } = mend(await rawOf(decoded));
  return longestSide === undefined
    ? { data, ...size }
    : rawOf(reduced(sharp(data, { raw: { ...size, channels: 3 } }), longestSide));
}

/**
 * What a picture of 16 bits with a colour profile is first narrowed to. sharp would convert it to the colours of a wide
 * screen, or leave its shades of grey as they are.
 */
function sixteenBitSpace({ space, hasProfile }: Metadata): 'srgb' | 'b-w' | undefined {
  if (!hasProfile) {
    return undefined;
  }
  return space === 'rgb16' ? 'srgb' : space === 'grey16' ? 'b-w' : undefined;
}

function reduced(picture: Sharp, longestSide: number | undefined): Sharp {
  return longestSide === undefined
    ? picture
    : picture.resize(longestSide, longestSide, { fit: 'inside', withoutEnlargement: true });
}

async function rawOf(picture: Sharp): Promise<RawPicture> {
  const { data, info } = await picture
    .timeout({ seconds: DECODING_LIMIT })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}

/** What a file claims to be, by its first bytes; undefined for all that is not decoded here. */
function formatOf(bytes: Uint8Array): Format | undefined {
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  if (start.startsWith('\x89PNG\r\n\x1a\n')) {
    return 'png';
  }
  if (start.startsWith('\xff\xd8\xff')) {
    return 'jpeg';
  }
  if (start.startsWith('RIFF') && start.startsWith('WEBP', 8)) {
    return 'webp';
  }
  if (start.startsWith('GIF87a') || start.startsWith('GIF89a')) {
    return 'gif';
  }
  // An ISO media file is as much AVIF as its list of brands says; HEIC is built the same way.
  if (start.startsWith('ftyp', 4) && /avif|avis/.test(start.slice(8))) {
    return 'avif';
  }
  return undefined;
}

/** What sharp took a file for. */
function formatRead({ format, compression }: Metadata): Format | undefined {
  return format === 'heif' && compression === 'av1' ? 'avif' : FORMATS.find((known) => known === format);
}

async function readHeader(bytes: Uint8Array): Promise<Metadata> {
  try {
    // Without sharp's own limit, which only the header is read under: a picture too large is no damaged one. And as
    // lenient as decoding is, since headers of frames that nobody looks at are read too.
    return await sharp(bytes, { limitInputPixels: false, failOn: 'error' }).metadata();
  } catch (cause) {
    throw damaged(cause);
  }
}

function damaged(cause?: unknown): UserError {
  return new UserError('The picture is damaged or incomplete.', {
    cause,
    mistake: { code: 'pictureDamaged' },
  });
}

function tooManyPixels(limit: number): UserError {
  const megapixels = limit / 1e6;
  return new UserError(`The picture is too large: it has more than ${megapixels} megapixels.`, {
    mistake: { code: 'pictureTooManyPixels', values: { megapixels } },
  });
}

/** sharp tells of its time limit in these words of libvips alone. */
function isTimeout(cause: unknown): boolean {
  return cause instanceof Error && cause.message.includes('timeout:');
}

function tooSlow(cause: unknown): UserError {
  return new UserError(`The picture took longer than ${DECODING_LIMIT} s to read.`, {
    cause,
    mistake: { code: 'timeLimit', values: { seconds: DECODING_LIMIT } },
  });
}
