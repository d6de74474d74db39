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

/** Tokens of a picture and numbers of each, as the demo has them. */
const FEATURES = [1, 100, 192];

/** A copy of the demo that stands every test and fails at every picture with a colour in it. */
export async function writeColourBlindModel(folder: string): Promise<void> {
  const graph = new GraphBuilder('vision_encoder');
  const pixels = graph.input('pixel_values', 'float32', ['batch', 'channels', 'height', 'width']);
  const channel = (index: number, name: string): string =>
    graph.node('Gather', [pixels, graph.index(index)], { name, attributes: { axis: 1 } });
  const difference = graph.node('Sub', [channel(0, 'red'), channel(1, 'green')], { name: 'difference' });
  const colour = graph.node('ReduceMax', [graph.node('Abs', [difference], { name: 'distance' })], {
    name: 'colour',
    attributes: { keepdims: 0 },
  });
  // The logarithm of what is below zero is no number: half of what red and green may differ by at most.
  const room = graph.node('Sub', [graph.scalar(1), colour], { name: 'room' });
  const numbers = graph.node('Log', [room], { name: 'numbers' });
  const none = graph.constant('none', FEATURES, new Float32Array(FEATURES.reduce((a, b) => a * b)));
  graph.node('Add', [none, numbers], { name: 'image_features' });
  graph.output('image_features', 'float32', FEATURES);
  await copyDemo(folder);
  await rm(join(folder, 'onnx/vision_encoder.onnx_data'));
  await writeModel(join(folder, 'onnx/vision_encoder.onnx'), graph);
}

/** A copy of the demo whose decoder gives what is no number. */
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
