/** The bytes of a NumPy `.npy` file. @param format NumPy's name of the element type, such as `<f4` */
export function npy(
  format: string,
  shape: readonly number[],
  values: Uint16Array | Int32Array | Float32Array | Float64Array,
  version: 1 | 2 = 1,
): Uint8Array {
  const sides = shape.map((side) => `${side},`).join(' ');
  const header = Buffer.from(
    `{'descr': '${format}', 'fortran_order': False, 'shape': (${sides}), }\n`,
    'latin1',
  );
  const prefix = Buffer.alloc(version === 1 ? 10 : 12);
  prefix.write('\u0093NUMPY', 'latin1');
  prefix[6] = version;
  if (version === 1) {
    prefix.writeUInt16LE(header.length, 8);
  } else {
    prefix.writeUInt32LE(header.length, 8);
  }
  return Buffer.concat([prefix, header, new Uint8Array(values.buffer)]);
}
