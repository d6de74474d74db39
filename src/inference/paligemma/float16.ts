/**
 * IEEE 754 half-precision numbers, which JavaScript has no array of before Node 24: they cross to and from ONNX Runtime
 * as their bits in a Uint16Array (`takeHalvesAsBits`).
 */

/** The type of a tensor of floating-point numbers. */
export type FloatType = 'float32' | 'float16';

/** Numbers in the form in which a tensor of their type holds them: half-precision ones as bits. */
export type FloatData = Float32Array | Uint16Array;

/** `[65536]`: the number that each half-precision bit pattern stands for; filled on first use. */
let valueOfBits: Float32Array | undefined;

/** Widens half-precision bits; gives single-precision numbers back as they are. */
export function toFloat32(data: FloatData): Float32Array {
  if (data instanceof Float32Array) {
    return data;
  }
  valueOfBits ??= Float32Array.from({ length: 65_536 }, (_, bits) => halfToNumber(bits));
  const values = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    values[i] = valueOfBits[data[i]];
  }
  return values;
}

/** The same numbers as another tensor type holds them. */
export function toFloatType(data: FloatData, type: FloatType): FloatData {
  if (type === 'float32') {
    return toFloat32(data);
  }
  return data instanceof Uint16Array ? data : toFloat16(data);
}

/** Rounds to the nearest half-precision number, ties to even; from 65520 on to infinity. */
function toFloat16(values: Float32Array): Uint16Array {
  const singleBits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const sign = (singleBits[i] >>> 16) & 0x8000;
    const exponent = ((singleBits[i] >>> 23) & 0xff) - 127;
    halves[i] = sign | halfMagnitude(Math.abs(values[i]), exponent);
  }
  return halves;
}

/**
 * The bits of a half-precision number, without its sign.
 *
 * @param exponent of `value`: 2^exponent is the greatest power of two not above it
 */
function halfMagnitude(value: number, exponent: number): number {
  if (Number.isNaN(value)) {
    return 0x7e00;
  }
  if (value >= 65_520) {
    return 0x7c00;
  }
  // Half-precision numbers lie 2^-24 apart below 2^-14, and above it 1024 of them between two powers of two. One
  // that rounds up to the next power of two carries into the exponent, as it should.
  const range = Math.max(exponent, -14);
  const steps = roundHalfToEven(value / 2 ** (range - 10));
  return range === -14 ? steps : ((range + 14) << 10) + steps;
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) {
    return fraction === 0 ? sign * Infinity : NaN;
  }
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}
