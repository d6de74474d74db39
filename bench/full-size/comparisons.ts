import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Answering } from './answering.js';
import { gigabytes, milliseconds, ratioLine, type Line } from './table.js';

/** Glimpse beside transformers.js. */
export function besideTransformersJs(
  own: Answering,
  other: Answering | undefined,
  name: string,
  goals: { readonly firstToken: number; readonly speed: number; readonly memory: number },
): Line[] {
  return other === undefined
    ? []
    : [
        ratioLine(`first token / ${name}`, own.firstToken / other.firstToken, { atMost: goals.firstToken }),
        ratioLine('tokens a second / the same', other.perToken / own.perToken, { atLeast: goals.speed }),
        ratioLine('peak memory / the same', own.peakMemory / other.peakMemory, { atMost: goals.memory }),
      ];
}

/** Glimpse beside transformers in Python. */
export function besideTransformers(
  own: Answering,
  float32: Answering | undefined,
  bfloat16: Answering | undefined,
): Line[] {
  if (float32 === undefined || bfloat16 === undefined) {
    return [];
  }
  const better = Math.min(float32.answer, bfloat16.answer);
  return [
    ratioLine('answer / transformers, float32', own.answer / float32.answer, { atMost: 0.35 }),
    ratioLine('answer / the better of transformers', own.answer / better, { atMost: 0.7 }),
    ratioLine('peak memory / transformers, float32', own.peakMemory / float32.peakMemory, { atMost: 0.3 }),
  ];
}

/**
 * Each token reads the decoder's weights once: no program can be faster than memory gives them.
 *
 * @param bandwidth bytes a second
 */
export async function besideTheFloor(own: Answering, folder: string, bandwidth: number): Promise<Line[]> {
  const { size } = await stat(join(folder, 'onnx', 'decoder_model_merged_q4.onnx_data'));
  const floor = (size / bandwidth) * 1000;
  return [
    { what: 'memory bandwidth', measured: `${(bandwidth / 1e9).toFixed(1)} GB/s` },
    { what: 'weights read for a token', measured: gigabytes(size) },
    { what: 'a token at that bandwidth', measured: milliseconds(floor) },
    ratioLine('share of the bandwidth that decoding reaches', floor / own.perToken, { atLeast: 0.7 }),
  ];
}
