import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { mutated } from './mutation.js';
import { chunk, pixelBomb } from './png.js';
import { Random } from './random.js';
import { soundPictures, type SoundPicture } from './sound-pictures.js';

/** A file that somebody may send as a picture. */
export interface HostilePicture {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Whether chance made it. */
  readonly mutated: boolean;
}

type MadePicture = Omit<HostilePicture, 'mutated'>;

export interface HostilePictureOptions {
  readonly count: number;
  /** Whether those are among them that take long to make, and a gigabyte to decode. */
  readonly heavy: boolean;
}

/**
 * So many files that are meant to do harm: first those that somebody made with care, then sound pictures of all kinds
 * with something wrong with them. They are the same in every run.
 */
export async function* hostilePictures({
  count,
  heavy,
}: HostilePictureOptions): AsyncGenerator<HostilePicture> {
  const sound = await soundPictures();
  const made = [...sound, ...strangers(), ...(await bombs(sound)), ...(heavy ? await heavyBombs() : [])];
  for (const { name, bytes } of made.slice(0, count)) {
    yield { name, bytes, mutated: false };
  }
  const random = new Random(1);
  for (let number = made.length; number < count; number++) {
    const { name, format, bytes } = random.pick(sound);
    const other = random.pick(sound.filter((candidate) => candidate.format === format));
    yield {
      name: `${name}, mutated (${number})`,
      bytes: mutated(bytes, other.bytes, format, random),
      mutated: true,
    };
  }
}

/** What is no picture, or none that is read here. */
function strangers(): MadePicture[] {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
  const texts: Readonly<Record<string, string>> = {
    nothing: '',
    words: 'This is no picture.',
    SVG: svg,
    'SVG with an XML header': `<?xml version="1.0"?>${svg}`,
    'SVG that reads a file': svg.replace('/>', '><image href="file:///etc/passwd"/></svg>'),
    PDF: '%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj',
    'TIFF, small end first': 'II*\0\x08\0\0\0\0\0',
    'TIFF, large end first': 'MM\0*\0\0\0\x08\0\0',
    HEIC: `\0\0\0\x18ftypheic\0\0\0\0mif1heic${'\0'.repeat(64)}`,
    'HEIC that names AVIF among its brands': `\0\0\0\x1cftypheic\0\0\0\0mif1avif${'\0'.repeat(64)}`,
    BMP: 'BM\x46\0\0\0\0\0\0\0',
    icon: '\0\0\x01\0\x01\0',
    'JPEG XL': '\xff\x0a\0\0',
    'JPEG 2000': '\0\0\0\x0cjP  \r\n\x87\n',
    'Radiance HDR': '#?RADIANCE\n',
    MPEG: '\0\0\x01\xba\0\0',
    ZIP: 'PK\x03\x04\0\0',
    program: '\x7fELF\x02\x01\x01',
    'wave sound': 'RIFF\x24\0\0\0WAVEfmt ',
    'signature of PNG': '\x89PNG\r\n\x1a\n',
    'signature of JPEG': '\xff\xd8\xff\xe0',
    'signature of GIF': 'GIF89a',
    'signature of WebP': 'RIFF\xff\xff\xff\xffWEBPVP8X',
    'signature of AVIF': '\0\0\0\x1cftypavif\0\0\0\0',
  };
  return Object.entries(texts).map(([name, text]) => ({ name, bytes: Buffer.from(text, 'latin1') }));
}

/** Small files that become large, or take long. */
async function bombs(sound: readonly SoundPicture[]): Promise<MadePicture[]> {
  const of = (name: string): Buffer => {
    const found = sound.find((picture) => picture.name === name);
    if (found === undefined) {
      throw new Error(`There is no ${name}.`);
    }
    return found.bytes;
  };
  const zeros = (mebibytes: number): Buffer => deflateSync(Buffer.alloc(mebibytes * 2 ** 20), { level: 9 });
  const text = (keyword: string, rest: Uint8Array): Buffer =>
    Buffer.concat([Buffer.from(`${keyword}\0\0`, 'latin1'), rest]);
  const frames = Buffer.from([
    0x21, 0xf9, 4, 4, 1, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4c, 1, 0,
  ]);
  const small = (extra: readonly Uint8Array[]): Buffer => pixelBomb(8, 8, 8, extra);
  return [
    { name: 'PNG of 100 megapixels, of which ten rows are there', bytes: pixelBomb(10_000, 10_000, 10) },
    { name: 'PNG of 1 x 30,000', bytes: await grey(1, 30_000).png().toBuffer() },
    { name: 'PNG of 30,000 x 1', bytes: await grey(30_000, 1).png().toBuffer() },
    { name: 'PNG of 2,000,000,000 x 1', bytes: pixelBomb(2_000_000_000, 1, 0) },
    { name: 'PNG whose profile unpacks to 300 MiB', bytes: small([chunk('iCCP', text('a', zeros(300)))]) },
    { name: 'PNG whose text unpacks to 300 MiB', bytes: small([chunk('zTXt', text('a', zeros(300)))]) },
    {
      name: 'PNG with 200,000 chunks',
      bytes: small(new Array<Uint8Array>(200_000).fill(chunk('tEXt', Buffer.from('a\0b')))),
    },
    { name: 'PNG with EXIF that points to itself', bytes: small([chunk('eXIf', endlessExif())]) },
    {
      name: 'PNG that says it has 4,294,967,295 frames',
      bytes: small([chunk('acTL', Buffer.alloc(8, 0xff))]),
    },
    { name: 'JPEG that says it has 65,500 x 65,500 pixels', bytes: withSize(of('JPEG'), 65_500, 65_500) },
    {
      name: 'JPEG with 5,000 comments',
      bytes: inJpeg(of('JPEG'), new Array<Buffer>(5000).fill(segment(0xfe, Buffer.alloc(1000)))),
    },
    {
      name: 'JPEG with EXIF that points to itself',
      bytes: inJpeg(of('JPEG'), [segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), endlessExif()]))]),
    },
    {
      name: 'JPEG with 255 pieces of a profile',
      bytes: inJpeg(
        of('JPEG'),
        Array.from({ length: 255 }, (_, index) =>
          segment(
            0xe2,
            Buffer.concat([
              Buffer.from('ICC_PROFILE\0'),
              Buffer.from([index + 1, 255]),
              Buffer.alloc(65_000, 0xff),
            ]),
          ),
        ),
      ),
    },
    {
      name: 'GIF of 200,000 frames',
      bytes: Buffer.concat([
        gifHeader(1000, 1000),
        ...new Array<Buffer>(200_000).fill(frames),
        Buffer.from(';'),
      ]),
    },
    {
      name: 'GIF of 65,535 x 65,535',
      bytes: Buffer.concat([gifHeader(65_535, 65_535), frames, Buffer.from(';')]),
    },
  ];
}

/** Pictures of as many pixels as are decoded, and of more. */
async function heavyBombs(): Promise<MadePicture[]> {
  return [
    { name: 'PNG of 900 megapixels', bytes: pixelBomb(30_000, 30_000) },
    { name: 'PNG of 100 megapixels', bytes: pixelBomb(10_000, 10_000) },
    { name: 'JPEG of 99 megapixels', bytes: await grey(9990, 9990).jpeg({ progressive: true }).toBuffer() },
    {
      name: 'WebP of 99 megapixels',
      bytes: await grey(9990, 9990).webp({ lossless: true, effort: 0 }).toBuffer(),
    },
    { name: 'AVIF of 49 megapixels', bytes: await grey(7000, 7000).avif({ effort: 0 }).toBuffer() },
    { name: 'AVIF of 60 megapixels', bytes: await grey(7746, 7746).avif({ effort: 0 }).toBuffer() },
  ];
}

function grey(width: number, height: number): Sharp {
  return sharp({ create: { width, height, channels: 3, background: '#808080' } });
}

/** An EXIF block whose directory is followed by itself. */
function endlessExif(): Buffer {
  return Buffer.from('49492a0008000000010012010300010000000600000008000000', 'hex');
}

/** A segment of a JPEG file (ITU-T T.81, B.1.1.4). */
function segment(marker: number, data: Uint8Array): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

function inJpeg(file: Buffer, segments: readonly Buffer[]): Buffer {
  return Buffer.concat([file.subarray(0, 2), ...segments, file.subarray(2)]);
}

/** The size in a JPEG's frame header says something else. */
function withSize(file: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(file);
  const at = changed.indexOf(Buffer.from([0xff, 0xc0]));
  changed.writeUInt16BE(height, at + 5);
  changed.writeUInt16BE(width, at + 7);
  return changed;
}

function gifHeader(width: number, height: number): Buffer {
  const header = Buffer.from('GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1');
  header.writeUInt16LE(width, 6);
  header.writeUInt16LE(height, 8);
  return header;
}
