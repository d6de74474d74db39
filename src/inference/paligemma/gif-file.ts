import type { Box } from '../../task.js';

const EXTENSION = 0x21;
const IMAGE = 0x2c;
/** What stands before most frames: an extension of four bytes that controls how they are shown. */
const CONTROL = Buffer.from([EXTENSION, 0xf9, 4]);
/** Signature and screen. */
const HEADER_BYTES = 13;
/** A frame's place and flags, behind the byte that says that it is one. */
const FRAME_HEADER_BYTES = 9;

/** What is to be known of a GIF that its decoder does not tell. */
export interface GifFile {
  /** Where each frame lies on the screen, in pixels; the second is the last that is looked for. */
  readonly frames: readonly Box[];
}

/**
 * Reads where the frames of a GIF lie. Whatever is damaged in it is for the decoder to refuse: nothing is thrown. Bytes
 * between two frames that stand for nothing are passed over, as browsers do.
 */
export function readGif(bytes: Uint8Array): GifFile {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: Box[] = [];
  let at = HEADER_BYTES + paletteBytes(file.at(10) ?? 0);
  while (at < file.length && frames.length < 2) {
    if (file[at] === EXTENSION) {
      at = endOfBlocks(file, at + 2);
    } else if (file[at] === IMAGE && at + FRAME_HEADER_BYTES < file.length) {
      const [left, top] = [file.readUInt16LE(at + 1), file.readUInt16LE(at + 3)];
      const [width, height] = [file.readUInt16LE(at + 5), file.readUInt16LE(at + 7)];
      frames.push({ left, top, right: left + width, bottom: top + height });
      const flags = file[at + FRAME_HEADER_BYTES];
      // A byte about the code of the pixels follows.
      at = endOfBlocks(file, at + FRAME_HEADER_BYTES + 1 + paletteBytes(flags) + 1);
    } else {
      const next = file.indexOf(CONTROL, at);
      at = next === -1 || isEnd(file, at) ? file.length : next;
    }
  }
  return { frames };
}

function isEnd(file: Buffer, at: number): boolean {
  return file[at] === 0x3b;
}

/** Behind blocks that each begin with their length, of which an empty one is the last. */
function endOfBlocks(file: Buffer, start: number): number {
  let at = start;
  while (at < file.length && file[at] !== 0) {
    at += file[at] + 1;
  }
  return at + 1;
}

/** @param flags 1 bit: whether there is a palette; 3 bits: its size */
function paletteBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}
