import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../errors.js';
import { exists } from '../files.js';
import { maskDecoderGraph } from '../graphs/mask-decoder.js';
import { writeModel } from '../onnx/model-file.js';
import { stage } from '../staging.js';
import { fetchMaskDecoder } from './mask-decoder-weights.js';
import type { PullOptions } from './pull.js';

const MASK_DECODER = 'mask_decoder.onnx';

/** @returns why there still is none; undefined where there is one */
export async function addMaskDecoder(
  folder: string,
  downloads: string,
  options: PullOptions,
): Promise<string | undefined> {
  if (await exists(join(folder, 'onnx', MASK_DECODER))) {
    return undefined;
  }
  const { weights, missing } = await maskDecoderOf(downloads, options);
  await stage(join(folder, 'onnx'), (staging) => writeMaskDecoder(staging, weights, options.signal));
  return missing;
}

export async function writeMaskDecoder(
  folder: string,
  weights: string | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (weights !== undefined) {
    await writeModel(join(folder, MASK_DECODER), await maskDecoderGraph(weights), { signal });
  }
}

/** Its weights are the same for every model: that of an older state serves the new one. */
export async function keepMaskDecoder(from: string, to: string): Promise<void> {
  for (const name of [MASK_DECODER, `${MASK_DECODER}_data`]) {
    if (await exists(join(from, 'onnx', name))) {
      await copyFile(join(from, 'onnx', name), join(to, 'onnx', name));
    }
  }
}

/** What can't be had now does not keep a model from being used. */
export async function maskDecoderOf(
  downloads: string,
  { hub, maskDecoder, signal }: PullOptions,
): Promise<{ weights: string | undefined; missing: string | undefined }> {
  try {
    const weights = await fetchMaskDecoder(maskDecoder, hub.patience, downloads, signal);
    return { weights, missing: undefined };
  } catch (error) {
    if (!(error instanceof UserError)) {
      throw error;
    }
    return { weights: undefined, missing: error.message };
  }
}
