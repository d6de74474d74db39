/** Of a model's shape, what its passes' memory depends on. */
export interface ModelShape {
  /** Tokens that a picture becomes. */
  readonly pictureTokens: number;
  readonly layers: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly attentionHeads: number;
  readonly intermediateSize: number;
  readonly visionHeads: number;
  readonly visionIntermediateSize: number;
}

/** The weights of a model in bytes. */
export interface ModelWeights {
  /** Of the vision encoder and the decoder, as they lie in memory. */
  readonly weights: number;
  /** Whether the layers compute in 16-bit floats. */
  readonly inHalves?: boolean;
}

const BYTES_OF_FLOAT = 4;
/** Of the process with its libraries, and a picture that is being looked at. */
export const PROCESS = 250e6;

/**
 * The tokenizer takes 350 MB with the 257 thousand tokens of official checkpoints and their merges, whose file has 17 to
 * 35 MB; a small one takes as much less.
 */
const TOKENIZER = { atMost: 350e6, perByteOfFile: 20 };

/** @param file the size of `tokenizer.json` in bytes */
export function tokenizerMemory(file: number): number {
  return Math.min(TOKENIZER.perByteOfFile * file, TOKENIZER.atMost);
}

/**
 * What the processor needs beside the weights of a model: for its passes, or before them while its largest matrix, the
 * head, is laid out for the processor and so is there twice. It is as large as the table of embeddings. Bytes.
 */
export function workspaceMemory(shape: ModelShape, embeddings: number): number {
  return Math.max(passMemory(shape), embeddings);
}

/**
 * What passes need on the processor beside the weights. Each of the two graphs keeps what its largest pass took, so that
 * both are added: for a layer the scores of all heads, twice, and what its perceptron widens, three times over. The cache
 * of keys and values is there as the decoder gives it and as it is kept. Bytes; `bench/README.md` has it beside measured
 * peaks.
 */
export function passMemory(shape: ModelShape): number {
  const { pictureTokens, intermediateSize, visionIntermediateSize } = shape;
  const widened = 3 * pictureTokens * (intermediateSize + visionIntermediateSize);
  return BYTES_OF_FLOAT * (2 * cacheOf(shape) + 2 * scoresOf(shape) + widened);
}

/**
 * What a model takes of a graphics card: there the scores are kept as they are, turned, capped, masked and as a softmax,
 * and buffers are pooled by size, which wastes a part of them. The table of embeddings stays in the processor's memory.
 * Bytes.
 */
export function cardMemory(shape: ModelShape, { weights, inHalves = false }: ModelWeights): number {
  const POOLING = 1.2;
  const bytes = inHalves ? BYTES_OF_FLOAT / 2 : BYTES_OF_FLOAT;
  return POOLING * (weights + bytes * (2 * cacheOf(shape) + 5 * scoresOf(shape)));
}

/** Numbers in the keys and values of a prompt. */
function cacheOf({ pictureTokens, layers, keyValueHeads, headSize }: ModelShape): number {
  return 2 * pictureTokens * layers * keyValueHeads * headSize;
}

/** Numbers in the scores of a layer of the decoder, and of one of the vision encoder. */
function scoresOf({ pictureTokens, attentionHeads, visionHeads }: ModelShape): number {
  return pictureTokens ** 2 * (attentionHeads + visionHeads);
}
