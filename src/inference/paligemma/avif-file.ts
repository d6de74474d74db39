/** What is to be known of an AVIF file that its decoder does not heed. */
export interface AvifFile {
  /** The file as the decoder knows it: a picture and no sequence of pictures. */
  readonly still: Uint8Array;
  /** Pictures of its sequence; 1 for a file that has none. */
  readonly frames: number;
  /** Shades of grey from 16 to 235 instead of 0 to 255. */
  readonly limitedGrey: boolean;
  /** Colours were multiplied by their opacity already. */
  readonly premultiplied: boolean;
}

interface Box {
  readonly type: string;
  /** Of the box itself and of what it holds, in bytes of the file. */
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

/** Bytes of the whole header of a box that has a version. */
const VERSION_BYTES = 4;

/**
 * Reads the boxes of an AVIF file. Whatever is damaged in them is for the decoder to refuse: nothing is thrown.
 *
 * A sequence is made a still of the picture that stands for it, which is its first: libvips takes no file whose foremost
 * brand is `avis`, and its libheif fails at some sequences.
 */
export function readAvif(bytes: Uint8Array): AvifFile {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const top = boxesIn(file, 0, file.length);
  const meta = find(top, 'meta');
  const moov = find(top, 'moov');
  const properties = meta === undefined ? [] : propertiesOf(file, inside(file, meta));
  return {
    still: asStill(file, top, meta !== undefined),
    frames: moov === undefined ? 1 : framesOf(file, moov),
    limitedGrey:
      properties.some((box) => isMonochrome(file, box)) && properties.some((box) => isLimited(file, box)),
    premultiplied: meta !== undefined && isPremultiplied(file, inside(file, meta)),
  };
}

function asStill(file: Buffer, top: readonly Box[], hasPicture: boolean): Uint8Array {
  const brands = find(top, 'ftyp');
  const moov = find(top, 'moov');
  if (brands === undefined || (moov === undefined && file.toString('latin1', 8, 12) === 'avif')) {
    return file;
  }
  const still = Buffer.from(file);
  still.write('avif', brands.from, 'latin1');
  if (hasPicture && moov !== undefined) {
    // Behind the foremost brand and its version; brands of sequences promise a `moov`.
    for (let at = brands.from + 8; at + 4 <= brands.to; at += 4) {
      still.write('mif1', at, 'latin1');
    }
    still.write('free', moov.start + 4, 'latin1');
  }
  return still;
}

/** The most pictures of any track. */
function framesOf(file: Buffer, moov: Box): number {
  const counts = inside(file, moov)
    .filter(({ type }) => type === 'trak')
    .map((track) => {
      const sizes = ['mdia', 'minf', 'stbl', 'stsz'].reduce<Box | undefined>(
        (box, type) => (box === undefined ? undefined : find(inside(file, box), type)),
        track,
      );
      return sizes === undefined ? 1 : uint(file, sizes.from + VERSION_BYTES + 4, 4, sizes.to);
    });
  return Math.max(1, ...counts);
}

/** The properties of the picture that stands for the file. */
function propertiesOf(file: Buffer, meta: readonly Box[]): Box[] {
  const primary = find(meta, 'pitm');
  const all = find(meta, 'iprp');
  const properties = all === undefined ? [] : inside(file, all);
  const [container, associations] = [find(properties, 'ipco'), find(properties, 'ipma')];
  if (primary === undefined || container === undefined || associations === undefined) {
    return [];
  }
  const id = uint(file, primary.from + VERSION_BYTES, idBytes(file, primary), primary.to);
  const held = inside(file, container);
  const width = uint(file, associations.from + 3, 1, associations.to) % 2 === 1 ? 2 : 1;
  const ofId = uint(file, associations.from, 1, associations.to) === 0 ? 2 : 4;
  let at = associations.from + VERSION_BYTES + 4;
  while (at + ofId < associations.to) {
    const item = uint(file, at, ofId, associations.to);
    const count = uint(file, at + ofId, 1, associations.to);
    const first = at + ofId + 1;
    if (item === id) {
      return Array.from({ length: count }, (_, index) => {
        // The highest bit says whether a reader must know the property.
        const number =
          uint(file, first + index * width, width, associations.to) % (width === 2 ? 0x8000 : 0x80);
        return held.at(number - 1);
      }).filter((box) => box !== undefined);
    }
    at = first + count * width;
  }
  return [];
}

function isMonochrome(file: Buffer, { type, from, to }: Box): boolean {
  return type === 'av1C' && (uint(file, from + 2, 1, to) & 0x10) !== 0;
}

function isLimited(file: Buffer, { type, from, to }: Box): boolean {
  return (
    type === 'colr' &&
    file.toString('latin1', from, from + 4) === 'nclx' &&
    uint(file, from + 10, 1, to) < 0x80
  );
}

/** Whether the picture that stands for the file refers to another as what it was multiplied by. */
function isPremultiplied(file: Buffer, meta: readonly Box[]): boolean {
  const primary = find(meta, 'pitm');
  const references = find(meta, 'iref');
  if (primary === undefined || references === undefined) {
    return false;
  }
  const id = uint(file, primary.from + VERSION_BYTES, idBytes(file, primary), primary.to);
  return boxesIn(file, references.from + VERSION_BYTES, references.to).some(
    ({ type, from, to }) => type === 'prem' && uint(file, from, idBytes(file, references), to) === id,
  );
}

/** How wide the numbers of items are in a box that has a version. */
function idBytes(file: Buffer, { from, to }: Box): 2 | 4 {
  return uint(file, from, 1, to) === 0 ? 2 : 4;
}

function inside(file: Buffer, { type, from, to }: Box): Box[] {
  return boxesIn(file, type === 'meta' ? from + VERSION_BYTES : from, to);
}

function find(boxes: readonly Box[], type: string): Box | undefined {
  return boxes.find((box) => box.type === type);
}

function boxesIn(file: Buffer, from: number, to: number): Box[] {
  const boxes: Box[] = [];
  let start = from;
  while (start + 8 <= to) {
    const size = uint(file, start, 4, to);
    const long = size === 1;
    const length = long ? uint(file, start + 8, 4, to) * 2 ** 32 + uint(file, start + 12, 4, to) : size;
    const end = size === 0 ? to : start + length;
    const content = start + (long ? 16 : 8);
    if (end < content || end > to) {
      break;
    }
    boxes.push({ type: file.toString('latin1', start + 4, start + 8), start, from: content, to: end });
    start = end;
  }
  return boxes;
}

/** A number of so many bytes; 0 where the box ends before it. */
function uint(file: Buffer, at: number, bytes: number, end: number): number {
  return at + bytes <= end ? file.readUIntBE(at, bytes) : 0;
}
