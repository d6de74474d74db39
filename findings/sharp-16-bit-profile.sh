#!/usr/bin/env bash
# sharp 0.35.5 (libvips 8.18.7): a 16-bit PNG with a colour profile comes out in Display P3, though sRGB is asked for.
#
# Input: one red pixel, with the profile of sRGB, in 8 bits and in 16.
# Expected: 255 0 0 of both, since `toColourspace('srgb')` is asked for and the profile is that of sRGB.
# Seen: 255 0 0 of 8 bits, about 234 51 34 of 16: the numbers of that red in Display P3. sharp converts RGB of 16 bits with a
# profile to P3 while it works, and only `withIccProfile` would convert it back.
# `pipelineColourspace('srgb')` gives 255 0 0 of 16 bits.
#
# Exit status 0: still so. Needs Node 20.15 or newer and npm.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log 2>&1
npm install --no-audit --no-fund sharp@0.35.5 >>npm.log 2>&1
cat >red.mjs <<'JS'
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

const seen = async (picture) =>
  [...(await picture.toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer())].join(' ');

// sharp's own profile of sRGB, around pixels written here as they are.
const one = sharp({ create: { width: 1, height: 1, channels: 3, background: '#ff0000' } });
const { icc } = await sharp(await one.withIccProfile('srgb').png().toBuffer()).metadata();
const chunk = (type, data) => {
  const body = Buffer.concat([Buffer.from(type), data]);
  const ends = [Buffer.alloc(4), Buffer.alloc(4)];
  ends[0].writeUInt32BE(data.length);
  ends[1].writeUInt32BE(crc32(body));
  return Buffer.concat([ends[0], body, ends[1]]);
};
const png = (depth) =>
  Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, depth, 2, 0, 0, 0])),
    chunk('iCCP', Buffer.concat([Buffer.from('s\0\0'), deflateSync(icc)])),
    chunk('IDAT', deflateSync(Buffer.from(depth === 8 ? [0, 255, 0, 0] : [0, 255, 255, 0, 0, 0, 0]))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
console.log('expected: 255 0 0, three times');
const eight = await seen(sharp(png(8)));
const sixteen = await seen(sharp(png(16)));
console.log(`8 bits: ${eight}\n16 bits: ${sixteen}`);
console.log(`16 bits, pipelineColourspace: ${await seen(sharp(png(16)).pipelineColourspace('srgb'))}`);
process.exit(eight === '255 0 0' && sixteen !== '255 0 0' ? 0 : 1);
JS
node red.mjs
