import { deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The checksum of PNG chunks (PNG 1.2, appendix 15); node:zlib has one only from Node 20.15 on. */
function crc32(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
    }
  }
  return ~remainder >>> 0;
}

/** One chunk of a PNG file (PNG 1.2, section 3.2). */
export function chunk(type: string, data: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/**
 * A valid black one-bit PNG: a few kilobytes for hundreds of megapixels.
 *
 * @param rows how many of its rows the file really holds
 * @param extra chunks between the header and the pixels
 */
export function pixelBomb(
  width: number,
  height: number,
  rows = height,
  extra: readonly Uint8Array[] = [],
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(1, 8);
  const pixels = Buffer.alloc((Math.ceil(width / 8) + 1) * rows);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    ...extra,
    chunk('IDAT', deflateSync(pixels, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The same file with the checksums that its chunks should have: a decoder then looks at what is in them. */
export function withRightChecksums(file: Uint8Array): Buffer {
  const fixed = Buffer.from(file);
  let at = SIGNATURE.length;
  while (at + 12 <= fixed.length) {
    const end = at + 8 + fixed.readUInt32BE(at);
    if (end + 4 > fixed.length) {
      break;
    }
    fixed.writeUInt32BE(crc32(fixed.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return fixed;
}
