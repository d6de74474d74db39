#!/usr/bin/env bash
# onnxruntime-node 1.30.0 on Node 24.21.0 (microsoft/onnxruntime#32323).
#
# Expected: a float16 tensor made of a Float16Array, the type that onnxruntime-common itself takes for float16 where
# the language has it (and turns the bits in a Uint16Array into), can be fed to a session.
# Seen: every run fails with "not enough space: expected 4, got 0": the native part sees no element. Where
# globalThis.Float16Array is absent while the first tensor of the process is made, the same bits in a Uint16Array work.
#
# Exit status 0: still so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts onnxruntime-node@1.30.0 >&2
npm install --silent --no-audit --no-fund --prefix node24 node@24.21.0 >&2

cat >run.cjs <<'JS'
// A graph of one node: two float16 numbers, cast to float32.
const graph = Buffer.from(
  'CAkSATE6QQoaCgF4EgF5GgF5IgRDYXN0KgkKAnRvGAGgAQISAWdaDwoBeBIKCggIChIECgIIAmIPCgF5EgoKCAgBEgQKAggCQgIQFA==',
  'base64',
);
const { Float16Array } = globalThis;
if (process.argv[2] === 'hidden') delete globalThis.Float16Array;
const { InferenceSession, Tensor } = require('onnxruntime-node');
new Tensor('float32', new Float32Array(1));
globalThis.Float16Array = Float16Array;
(async () => {
  const session = await InferenceSession.create(graph);
  const x = new Tensor('float16', Uint16Array.of(0x3c00, 0x4000), [2]);
  const { y } = await session.run({ x });
  console.log(`${x.data.constructor.name}: ${y.data.join(' ')}`);
})().catch((error) => console.log(`failed: ${error.message}`));
JS

node24=node24/node_modules/node/bin/node
shown=$("$node24" run.cjs shown)
hidden=$("$node24" run.cjs hidden)
echo "Float16Array there:            $shown (expected: 1 2)"
echo "absent while ORT looks for it: $hidden"
[[ $shown == 'failed: not enough space: expected 4, got 0' && $hidden == 'Uint16Array: 1 2' ]]
