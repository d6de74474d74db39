import { deflateSync } from 'node:zlib';
import { chunk } from './hostile/png.js';

/** PNG's numbers for grey and colour, without and with opacity, by channels. */
const COLOUR_TYPES = { 1: 0, 2: 4, 3: 2, 4: 6 } as const;

/** A PNG of 8 by 8 pixels in one colour. @param colour each channel, 0..255 */
export function profiledPng(colour: readonly number[], depth: 8 | 16, profile?: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(8, 0);
  header.writeUInt32BE(8, 4);
  header[8] = depth;
  header[9] = COLOUR_TYPES[colour.length as keyof typeof COLOUR_TYPES];
  // In 16 bits, 255 is 65535: each byte twice.
  const pixel = colour.flatMap((value) => (depth === 8 ? [value] : [value, value]));
  const row = [0, ...new Array<number[]>(8).fill(pixel).flat()];
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    ...(profile === undefined
      ? []
      : [chunk('iCCP', Buffer.concat([Buffer.from('test\0\0', 'latin1'), deflateSync(profile)]))]),
    chunk('IDAT', deflateSync(Buffer.from(new Array<number[]>(8).fill(row).flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
