import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SafetensorsFile } from '../../src/checkpoints/safetensors.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { floatTensor, safetensors, safetensorsFile } from '../support/tiny-checkpoint.js';

async function opened(bytes: Uint8Array): Promise<SafetensorsFile> {
  const path = join(await temporaryFolder(), 'weights.safetensors');
  await writeFile(path, bytes);
  return SafetensorsFile.open(path);
}

const entry = (start: number, end: number): object => ({
  dtype: 'F32',
  shape: [1],
  data_offsets: [start, end],
});
const file = (entries: object, dataBytes: number): Uint8Array =>
  safetensorsFile(JSON.stringify(entries), new Uint8Array(dataBytes));

test('tells where tensors lie and reads their bytes', async () => {
  const weights = await opened(
    safetensors(
      new Map([
        ['first', floatTensor([2, 2], (index) => index)],
        ['second', floatTensor([3], (index) => 10 + index)],
      ]),
    ),
  );
  const second = weights.entries.get('second');
  expect(second).toMatchObject({ format: 'F32', shape: [3] });
  const bytes = await weights.read(second?.start ?? 0, 12);
  expect([...new Float32Array(bytes.buffer)]).toEqual([10, 11, 12]);
  await weights.close();
});

test('metadata is no tensor', async () => {
  const weights = await opened(file({ __metadata__: { format: 'pt' }, a: entry(0, 4) }, 4));
  expect([...weights.entries.keys()]).toEqual(['a']);
  await weights.close();
});

test.each([
  ['nothing', new Uint8Array(0), /truncated/],
  ['half a length', new Uint8Array(4), /truncated/],
  ['a header longer than the file', safetensorsFile('{}', new Uint8Array(0), 1000n), /truncated/],
  ['a header of exabytes', safetensorsFile('{}', new Uint8Array(0), 2n ** 62n), /no safetensors/],
  ['a header that is no JSON', safetensorsFile('{"a"', new Uint8Array(0)), /header/],
  ['a header that is a list', safetensorsFile('[1]', new Uint8Array(0)), /header/],
  ['a negative offset', file({ a: entry(-4, 0) }, 4), /header/],
  ['a fractional shape', file({ a: { ...entry(0, 4), shape: [0.5] } }, 4), /header/],
  ['tensors that overlap', file({ a: entry(0, 4), b: entry(2, 6) }, 6), /overlaps/],
  ['a gap', file({ a: entry(0, 4), b: entry(8, 12) }, 12), /gap/],
  ['an end before the start', file({ a: entry(0, 4), b: entry(4, 0) }, 4), /overlaps|gap/],
  ['data cut short', file({ a: entry(0, 4) }, 3), /truncated/],
  ['data left over', file({ a: entry(0, 4) }, 5), /belong to no tensor/],
])('refuses a file of %s', async (_, bytes, message) => {
  const failure = await opened(bytes).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'UserError', message: expect.stringMatching(message) as string });
});

test('refuses a file that is not there', async () => {
  await expect(SafetensorsFile.open('/nowhere/a.safetensors')).rejects.toThrow(
    "a.safetensors can't be read: there is no such file or folder.",
  );
});
