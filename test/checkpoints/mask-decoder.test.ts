import { copyFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { convertCheckpoint } from '../../src/checkpoints/convert.js';
import { fixture, TensorsFixture } from '../support/fixtures.js';
import { floats, relativeDifference } from '../support/graph-model.js';
import { npy } from '../support/npy.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { writeTinyCheckpoint } from '../support/tiny-checkpoint.js';

const NPZ = fixture('mask-decoder/vae-oid.npz');

test('draws the masks that PyTorch draws, several at once', async () => {
  const folder = await temporaryFolder();
  const to = join(folder, 'converted');
  await writeTinyCheckpoint(join(folder, 'checkpoint'));
  await copyFile(NPZ, join(folder, 'checkpoint', 'vae-oid.npz'));
  await convertCheckpoint({ from: join(folder, 'checkpoint'), to, dtype: 'fp32' });

  const reference = await TensorsFixture.open('mask-decoder/masks.safetensors');
  const codes = BigInt64Array.from(reference.integers('indices'), BigInt);
  const session = await InferenceSession.create(join(to, 'onnx', 'mask_decoder.onnx'));
  const { masks } = await session.run({ codes: new Tensor('int64', codes, [codes.length / 16, 16]) });
  await session.release();
  expect(masks.dims).toEqual([codes.length / 16, 64, 64]);
  expect(relativeDifference(floats(masks), reference.floats('masks'))).toBeLessThan(1e-5);
});

test('takes the archive from where an option says', async () => {
  const folder = await temporaryFolder();
  const to = join(folder, 'converted');
  await writeTinyCheckpoint(join(folder, 'checkpoint'));
  await convertCheckpoint({ from: join(folder, 'checkpoint'), to, dtype: 'q4', maskDecoder: NPZ });
  expect(await readdir(join(to, 'onnx'))).toContain('mask_decoder.onnx');
});

test('refuses an archive of something else', async () => {
  const folder = await temporaryFolder();
  const npz = join(folder, 'other.npz');
  const array = npy('<f4', [1], Float32Array.of(1));
  await writeFile(npz, zipSync({ 'decoder.0.weight.npy': array, '_vq_vae._embedding.npy': array }));
  await writeTinyCheckpoint(join(folder, 'checkpoint'));
  const conversion = convertCheckpoint({
    from: join(folder, 'checkpoint'),
    to: join(folder, 'converted'),
    dtype: 'fp32',
    maskDecoder: npz,
  });
  await expect(conversion).rejects.toThrow(/lacks the array decoder\.0\.bias/);
});
