import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GraphBuilder } from '../../src/checkpoints/onnx/graph-builder.js';
import { writeModel } from '../../src/checkpoints/onnx/model-file.js';
import { copyDemo } from './damaged-models.js';

/** A copy of the demo whose vision encoder can be loaded and not be run. */
export async function writeBlindModel(folder: string): Promise<void> {
  const graph = new GraphBuilder('vision_encoder');
  const pixels = graph.input('pixel_values', 'float32', ['batch', 'channels', 'height', 'width']);
  // No picture has 7 numbers.
  graph.node('Reshape', [pixels, graph.integers(1, 7, 1)], { name: 'image_features' });
  graph.output('image_features', 'float32', ['batch', 'tokens', 'hidden']);
  await copyDemo(folder);
  await rm(join(folder, 'onnx/vision_encoder.onnx_data'));
  await writeModel(join(folder, 'onnx/vision_encoder.onnx'), graph);
}

/** The same for a decoder that gives what is no number. */
export async function writeSpeechlessModel(folder: string): Promise<void> {
  await copyDemo(folder);
  // The words' numbers come first of all: of those, and of all that is computed from them, there are none then.
  const file = join(folder, 'onnx/embed_tokens.onnx_data');
  await writeFile(file, new Uint8Array((await readFile(file)).length).fill(0xff));
}

/** Has a model take pictures of so many pixels along each side. */
export async function enlarge(folder: string, side: number): Promise<void> {
  const path = join(folder, 'preprocessor_config.json');
  const settings = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...settings, size: { width: side, height: side } }));
}
