import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Checkpoint } from '../../../src/checkpoints/checkpoint.js';
import { matrix } from '../../../src/checkpoints/graphs/layers.js';
import { GraphBuilder } from '../../../src/checkpoints/onnx/graph-builder.js';
import { writeModel } from '../../../src/checkpoints/onnx/model-file.js';
import { EMBEDDING } from '../../../src/checkpoints/tensor-names.js';
import { tracedDecoder } from './traced-decoder.js';
import { tracedVisionEncoder } from './traced-vision-encoder.js';

/**
 * Writes the `q4` files that the public exports of PaliGemma 2 have, from the same checkpoint as ours: the layers, the
 * head and the vision tower in 4 bits, the embedding table as it is, since their quantiser passes it over.
 */
export async function writePublicExport(from: string, to: string): Promise<void> {
  await mkdir(join(to, 'onnx'), { recursive: true });
  const settings = (await readdir(from)).filter((name) => /^[a-z_]+\.json$/.test(name));
  for (const name of settings) {
    await copyFile(join(from, name), join(to, name));
  }
  const checkpoint = await Checkpoint.open(from);
  try {
    await writeModel(join(to, 'onnx', 'vision_encoder_q4.onnx'), tracedVisionEncoder(checkpoint));
    await writeModel(join(to, 'onnx', 'embed_tokens_q4.onnx'), embedTokens(checkpoint));
    await writeModel(join(to, 'onnx', 'decoder_model_merged_q4.onnx'), tracedDecoder(checkpoint));
  } finally {
    await checkpoint.close();
  }
}

function embedTokens(checkpoint: Checkpoint): GraphBuilder {
  const graph = new GraphBuilder('embed_tokens');
  const ids = graph.input('input_ids', 'int64', ['batch', 'sequence']);
  graph.node('Gather', [matrix(graph, EMBEDDING, checkpoint.rows(EMBEDDING), 'float32'), ids], {
    name: 'inputs_embeds',
  });
  graph.output('inputs_embeds', 'float32', ['batch', 'sequence', checkpoint.config.text.hiddenSize]);
  return graph;
}
