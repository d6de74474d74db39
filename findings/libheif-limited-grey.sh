#!/usr/bin/env bash
# sharp 0.35.5 (libvips 8.18.7, libheif 1.23.5): grey AVIF in limited range is not spread to 0..255.
#
# Input: 32 by 32 white pixels as AVIF without chroma (4:0:0), once in full range and once in limited, by Pillow 13.0.0.
# Expected: 255 of both, as Pillow (libavif) and browsers show it.
# Seen: 255 of full range, 235 of limited, which is how white is stored there. With chroma, limited range is spread.
# Colours that were multiplied by their opacity (`alpha_premultiplied=True`) are left as stored likewise.
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
white = Image.new('RGB', (32, 32), 'white')
for name, options in {
    'full': dict(subsampling='4:0:0', range='full'),
    'limited': dict(subsampling='4:0:0', range='limited'),
    'limited with chroma': dict(subsampling='4:2:0', range='limited'),
}.items():
    white.save(f'{name}.avif', quality=100, **options)
    print(f'Pillow, {name}:', Image.open(f'{name}.avif').convert('RGB').getpixel((9, 9))[0])
PY
cat >read.mjs <<'JS'
import sharp from 'sharp';

const seen = {};
for (const name of ['full', 'limited', 'limited with chroma']) {
  seen[name] = (await sharp(`${name}.avif`).toColourspace('srgb').raw().toBuffer())[0];
  console.log(`sharp, ${name}: ${seen[name]} (expected: 255)`);
}
process.exit(seen.full === 255 && seen.limited < 240 && seen['limited with chroma'] >= 254 ? 0 : 1);
JS
node read.mjs
