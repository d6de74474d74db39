#!/usr/bin/env bash
# sharp 0.35.5 (libvips 8.18.7, libheif 1.23.5): an animated AVIF is no format that it knows, until its brand is changed.
#
# Input: two frames of 32 by 32 pixels, red and blue, written by Pillow 13.0.0 (libavif). Its foremost brand is `avis`.
# Expected: 32 x 32, the first frame, as Pillow and browsers show it; libheif below libvips reads it.
# Seen: "Input buffer contains unsupported image format". With `avif` over the four bytes of the brand the same file is read.
#
# Exit status 0: still so. Needs node, npm and python3 with venv.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log 2>&1
npm install --no-audit --no-fund sharp@0.35.5 >>npm.log 2>&1
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pillow==13.0.0
venv/bin/python - <<'PY'
from PIL import Image
red, blue = (Image.new('RGB', (32, 32), colour) for colour in ('red', 'blue'))
red.save('two.avif', save_all=True, append_images=[blue], duration=100)
print('Pillow:', Image.open('two.avif').n_frames, 'frames')
PY
cat >read.mjs <<'JS'
import { readFileSync } from 'node:fs';
import sharp from 'sharp';

const file = readFileSync('two.avif');
const told = async (bytes) => {
  try {
    const { width, height } = await sharp(bytes).metadata();
    return `${width} x ${height}`;
  } catch (error) {
    return error.message.split('\n')[0];
  }
};
const patched = Buffer.from(file);
patched.write('avif', 8, 'latin1');
const [asIs, renamed] = [await told(file), await told(patched)];
console.log('expected: 32 x 32, twice');
console.log(`as it is (${file.toString('latin1', 8, 12)}): ${asIs}\nwith the brand avif: ${renamed}`);
process.exit(asIs.includes('unsupported') && renamed === '32 x 32' ? 0 : 1);
JS
node read.mjs
