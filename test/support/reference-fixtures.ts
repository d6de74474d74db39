import { readdirSync } from 'node:fs';
import { fixture, readJsonFixture, TensorsFixture } from './fixtures.js';

/** A prompt about a picture, and what transformers makes of it. */
export interface ReferenceCase {
  readonly inputIds: readonly number[];
  /** The first 64 of the most likely tokens, the end of an answer left out of account. */
  readonly tokens: readonly number[];
  /** Names of tensors: the picture as the model's square, its features, the first token's logits. */
  readonly pixels: string;
  readonly features: string;
  readonly logits: string;
}

/** Two prompts that differ in their last word, and the keys of the first position in one layer. */
export interface BidirectionalCase {
  readonly inputIds: readonly (readonly number[])[];
  readonly layer: number;
  readonly features: string;
  readonly keys: readonly string[];
}

/** A tiny checkpoint with random weights and what transformers answers with it. */
export interface Reference {
  /** The Hugging Face folder. */
  readonly checkpoint: string;
  readonly cases: readonly ReferenceCase[];
  /** Null where there is but one layer, whose keys see nothing. */
  readonly bidirectional: BidirectionalCase | null;
  readonly tensors: TensorsFixture;
}

/** The id that ends an answer in all of them. */
export const REFERENCE_END = 1;

export const REFERENCE_NAMES: readonly string[] = readdirSync(fixture('reference'));

/** @param name one of `REFERENCE_NAMES` */
export async function readReference(name: string): Promise<Reference> {
  const answers = await readJsonFixture<Pick<Reference, 'cases' | 'bidirectional'>>(
    `reference/${name}/reference.json`,
  );
  const tensors = await TensorsFixture.open(`reference/${name}/reference.safetensors`);
  return { ...answers, checkpoint: fixture(`reference/${name}/checkpoint`), tensors };
}

/** Bytes of red, green and blue, `[size, size, 3]`, as the model takes them: `[3, size, size]` from -1 to 1. */
export function pixelValues(picture: Uint8Array): Float32Array {
  const area = picture.length / 3;
  return Float32Array.from(picture, (_, index) => {
    const channel = Math.floor(index / area);
    return picture[(index % area) * 3 + channel] / 127.5 - 1;
  });
}
