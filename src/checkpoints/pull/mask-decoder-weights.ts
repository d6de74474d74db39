import { join } from 'node:path';
import { download } from '../hub/download.js';
import type { Hub } from '../hub/hub.js';
import type { RepositoryFile } from '../hub/repository.js';

/** Where big_vision publishes the weights that turn segmentation tokens into outlines. */
export const MASK_DECODER_ADDRESS = 'https://storage.googleapis.com/big_vision/paligemma/vae-oid.npz';

const FILE: RepositoryFile = {
  path: 'vae-oid.npz',
  size: 8_479_556,
  digest: {
    kind: 'sha256',
    value: '5586010257b8536dddefab65e7755077f21d5672d5674dacf911f73ae95a4447',
  },
};

export interface MaskDecoderSource {
  readonly address: string;
  /** Of other weights, in tests alone. */
  readonly file?: RepositoryFile;
}

/**
 * Downloads the mask decoder's weights into a folder.
 *
 * @returns their path
 * @throws {UserError} they can't be had
 */
export async function fetchMaskDecoder(
  { address, file = FILE }: MaskDecoderSource,
  patience: Hub['patience'],
  folder: string,
  signal?: AbortSignal,
): Promise<string> {
  const to = join(folder, file.path);
  // A host of its own, which is not told the hub's token.
  const hub = { endpoint: new URL(address).origin, token: undefined, patience };
  await download({ hub, repository: 'the mask decoder', address, file, to, signal });
  return to;
}
