/**
 * How many frames a PNG says it has, in a chunk `acTL` before its pixels; 1 where there is none. libpng shows the first
 * and is silent about the others.
 */
export function framesOfPng(bytes: Uint8Array): number {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 8;
  while (at + 12 <= file.length) {
    const type = file.toString('latin1', at + 4, at + 8);
    if (type === 'acTL') {
      return file.readUInt32BE(at + 8);
    }
    if (type === 'IDAT') {
      return 1;
    }
    at += 12 + file.readUInt32BE(at);
  }
  return 1;
}
