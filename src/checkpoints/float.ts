/** The float formats of weights, to and from the 32-bit floats that everything is computed in. */

/** Bytes of one element of each format that a checkpoint's weights may have, by its name in safetensors. */
export const FLOAT_BYTES = { F32: 4, F16: 2, BF16: 2 } as const;
export type FloatFormat = keyof typeof FLOAT_BYTES;

/** The value of each of the 65536 bit patterns of a 16-bit IEEE 754 float. */
const HALF_VALUES = Float32Array.from({ length: 65_536 }, (_, bits) => halfValue(bits));

/**
 * Reads little-endian floats.
 *
 * @param bytes whole elements, starting at a multiple of the element's size in its buffer; 32-bit floats are
 *   not copied but viewed
 */
export function toFloat32(bytes: Uint8Array, format: FloatFormat): Float32Array {
  const count = bytes.byteLength / FLOAT_BYTES[format];
  if (format === 'F32') {
    return new Float32Array(bytes.buffer, bytes.byteOffset, count);
  }
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, count);
  const values = new Float32Array(count);
  if (format === 'F16') {
    for (let index = 0; index < count; index++) {
      values[index] = HALF_VALUES[halves[index]];
    }
    return values;
  }
  // A bfloat16 is the upper half of the 32-bit float of the same value.
  const bits = new Uint32Array(values.buffer);
  for (let index = 0; index < count; index++) {
    bits[index] = halves[index] << 16;
  }
  return values;
}

/** Rounds to 16-bit IEEE 754 floats, to even where two are equally near; what is too large becomes infinite. */
export function toFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const sign = (bits[index] >>> 16) & 0x8000;
    const magnitude = bits[index] & 0x7fff_ffff;
    halves[index] = sign | halfMagnitude(magnitude);
  }
  return halves;
}

/** The smallest normal 16-bit float (2^-14), the first power of two beyond them (2^16) and infinity, as bits. */
const HALF_NORMAL = 0x3880_0000;
const HALF_OVERFLOW = 0x4780_0000;
const INFINITY_BITS = 0x7f80_0000;
/** What the bits of the two formats' exponents differ by: their biases, 127 and 15. */
const EXPONENT_OFFSET = (127 - 15) << 23;

/** @param magnitude the bits of a 32-bit float without its sign */
function halfMagnitude(magnitude: number): number {
  if (magnitude >= HALF_OVERFLOW) {
    return magnitude > INFINITY_BITS ? 0x7e00 : 0x7c00;
  }
  if (magnitude < HALF_NORMAL) {
    // Adding 0.5, where floats lie 2^-24 apart like the subnormal halves, lets the addition do the rounding.
    scratchBits[0] = magnitude;
    scratch[0] += 0.5;
    return scratchBits[0] - HALF_BITS;
  }
  const evenTie = (magnitude >>> 13) & 1;
  return (magnitude - EXPONENT_OFFSET + 0xfff + evenTie) >>> 13;
}

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);
const HALF_BITS = 0x3f00_0000;

function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) {
    return sign * fraction * 2 ** -24;
  }
  if (exponent === 0x1f) {
    return fraction === 0 ? sign * Infinity : NaN;
  }
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
