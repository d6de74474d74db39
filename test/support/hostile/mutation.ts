import { withRightChecksums } from './png.js';
import type { Random } from './random.js';
import type { Format } from './sound-pictures.js';

/** Numbers at which sizes and counts go over an edge. */
const EDGES = [
  0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
];

/**
 * A file with a few things wrong with it, nearer to its beginning more often than to its end: there stand the sizes,
 * counts and offsets.
 *
 * @param other from which a piece may be taken
 */
export function mutated(file: Buffer, other: Buffer, format: Format, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(file);
  for (let count = 1 + random.below(2); count > 0; count--) {
    bytes = random.pick(MUTATIONS)(bytes, other, random);
  }
  // Otherwise nearly every PNG would be refused for its checksums alone.
  return format === 'png' && random.below(4) > 0 ? withRightChecksums(bytes) : bytes;
}

type Mutation = (bytes: Buffer, other: Buffer, random: Random) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  // A bit is turned over.
  (bytes, _other, random) => {
    const at = place(bytes, random);
    bytes.set([(bytes.at(at) ?? 0) ^ (1 << random.below(8))], at);
    return bytes;
  },
  (bytes, _other, random) => {
    bytes.set(random.bytes(1), place(bytes, random));
    return bytes;
  },
  // A number becomes one at an edge, in either order of bytes.
  (bytes, _other, random) => {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(random.pick(EDGES));
    const size = random.pick([1, 2, 4]);
    const edge = number.subarray(4 - size);
    const at = Math.min(place(bytes, random), Math.max(bytes.length - size, 0));
    bytes.set((random.below(2) === 0 ? edge : edge.reverse()).subarray(0, bytes.length - at), at);
    return bytes;
  },
  // A piece is overwritten, taken out, put in twice or taken from another file; the end is cut off.
  (bytes, _other, random) => {
    const [start, end] = piece(bytes, random);
    return bytes.fill(random.pick([0, 0xff]), start, end);
  },
  (bytes, _other, random) => {
    const [start, end] = piece(bytes, random);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
  },
  (bytes, _other, random) => {
    const [start, end] = piece(bytes, random);
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
  },
  (bytes, other, random) => {
    const [start, end] = piece(other, random);
    const at = place(bytes, random);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(start, end), bytes.subarray(at)]);
  },
  (bytes, _other, random) => bytes.subarray(0, Math.max(16, random.below(bytes.length + 1))),
];

/** After the first four bytes, without which no decoder would look at the file. */
function place(bytes: Buffer, random: Random): number {
  const end = Math.max(bytes.length - 4, 1);
  return Math.min(
    4 + (random.below(2) === 0 ? random.below(Math.min(end, 96)) : random.below(end)),
    bytes.length - 1,
  );
}

function piece(bytes: Buffer, random: Random): [number, number] {
  const start = place(bytes, random);
  return [start, Math.min(bytes.length, start + 1 + random.below(64))];
}
