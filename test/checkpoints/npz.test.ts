import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { parseNpy, readNpz } from '../../src/checkpoints/npz.js';
import { npy } from '../support/npy.js';
import { temporaryFolder } from '../support/temporary-folder.js';

async function archive(files: Record<string, Uint8Array>, level: 0 | 9): Promise<string> {
  const path = join(await temporaryFolder(), 'arrays.npz');
  await writeFile(path, zipSync(files, { level }));
  return path;
}

const FLOATS = Float32Array.of(1, 2, 3, 4, 5, 6);

test.each([0, 9] as const)('reads the wanted arrays of an archive packed at level %i', async (level) => {
  const path = await archive({ 'a.npy': npy('<f4', [2, 3], FLOATS), 'other.npy': new Uint8Array(9) }, level);
  const arrays = await readNpz(path, ['a']);
  expect([...arrays]).toEqual([['a', { shape: [2, 3], values: FLOATS }]]);
});

test.each([
  ['<f2', Uint16Array.of(0x3c00, 0xc000)],
  ['<f4', Float32Array.of(1, -2)],
  ['<f8', Float64Array.of(1, -2)],
])('reads floats of type %s', (format, values) => {
  expect([...parseNpy(npy(format, [2], values), 'a').values]).toEqual([1, -2]);
});

test('reads headers of version 2 and arrays of no dimension', () => {
  expect([...parseNpy(npy('<f4', [2], Float32Array.of(1, 2), 2), 'a').values]).toEqual([1, 2]);
  expect(parseNpy(npy('<f4', [], Float32Array.of(7)), 'a')).toEqual({
    shape: [],
    values: Float32Array.of(7),
  });
});

test.each([
  ['no array', Buffer.from('something else entirely'), /can't be understood/],
  ['nothing', new Uint8Array(0), /can't be understood/],
  ['integers', npy('<i4', [2], Int32Array.of(1, 2)), /not one of little-endian floats in C order/],
  ['big-endian floats', npy('>f4', [2], Float32Array.of(1, 2)), /not one of little-endian floats/],
  ['too few elements', npy('<f4', [3], Float32Array.of(1, 2)), /can't be understood/],
])('refuses %s', (_, bytes, message) => {
  expect(() => parseNpy(bytes, 'a')).toThrow(message);
});

test('names what an archive lacks', async () => {
  const path = await archive({ 'a.npy': npy('<f4', [2, 3], FLOATS) }, 0);
  await expect(readNpz(path, ['a', 'b'])).rejects.toThrow(/lacks the array b/);
});
