import {
  cardMemory,
  workspaceMemory,
  PROCESS,
  tokenizerMemory,
  type ModelShape,
} from '../paligemma/memory.js';

/** Of a decoder, what its official `config.json` says. */
interface Decoder extends Pick<
  ModelShape,
  'layers' | 'keyValueHeads' | 'headSize' | 'attentionHeads' | 'intermediateSize'
> {
  readonly parameters: string;
  readonly hiddenSize: number;
}

/** The largest, which is the best, first. */
const DECODERS: readonly Decoder[] = [
  {
    parameters: '28b',
    hiddenSize: 4608,
    layers: 46,
    keyValueHeads: 16,
    headSize: 128,
    attentionHeads: 32,
    intermediateSize: 36864,
  },
  {
    parameters: '10b',
    hiddenSize: 3584,
    layers: 42,
    keyValueHeads: 8,
    headSize: 256,
    attentionHeads: 16,
    intermediateSize: 14336,
  },
  {
    parameters: '3b',
    hiddenSize: 2304,
    layers: 26,
    keyValueHeads: 4,
    headSize: 256,
    attentionHeads: 8,
    intermediateSize: 9216,
  },
];
const SIDES = [448, 224];
const PATCH = 14;
const VOCABULARY = 257_216;
/** SigLIP of the size So400m, which all have. */
const VISION = { weights: 412e6, visionHeads: 16, visionIntermediateSize: 4304 };
const TOKENIZER_FILE = 17.5e6;

/**
 * Bytes of a weight as our converter stores it as `q4`: itself, and its part of its block's scale and, with 4 bits, of the
 * zero point.
 */
const STORED = { eightBits: 1 + 4 / 128, perceptron: 0.5 + 4.5 / 128, attention: 0.5 + 4.5 / 32 };

/** One of Google's mix checkpoints in 4 bits, and the bytes that it takes. */
export interface OfficialModel {
  readonly name: string;
  readonly onProcessor: number;
  readonly onCard: number;
}

/** The best first. */
export const OFFICIAL_MODELS: readonly OfficialModel[] = DECODERS.flatMap((decoder) =>
  SIDES.map((side) => officialModel(decoder, side)),
);

/**
 * Those of the official models that fit, the best first.
 *
 * @param memory bytes that are free
 * @param where of the processor, or of a graphics card
 */
export function modelsThatFit(memory: number, where: 'onProcessor' | 'onCard' = 'onProcessor'): string[] {
  return OFFICIAL_MODELS.filter((model) => model[where] <= memory).map(
    (model) => `${model.name} as q4 (${(model[where] / 1e9).toFixed(1)} GB)`,
  );
}

function officialModel(decoder: Decoder, side: number): OfficialModel {
  const shape = { ...decoder, ...VISION, pictureTokens: (side / PATCH) ** 2 };
  const embeddings = VOCABULARY * decoder.hiddenSize * STORED.eightBits;
  // The head is the same table once more.
  const weights = layerWeights(decoder) + embeddings + VISION.weights * STORED.eightBits;
  return {
    name: `paligemma2-${decoder.parameters}-mix-${side}`,
    onProcessor: weights + PROCESS + tokenizerMemory(TOKENIZER_FILE) + workspaceMemory(shape, embeddings),
    onCard: cardMemory(shape, { weights }),
  };
}

function layerWeights(decoder: Decoder): number {
  const { layers, hiddenSize, attentionHeads, keyValueHeads, headSize, intermediateSize } = decoder;
  const attention = 2 * hiddenSize * headSize * (attentionHeads + keyValueHeads);
  const perceptron = 3 * hiddenSize * intermediateSize;
  return layers * (attention * STORED.attention + perceptron * STORED.perceptron);
}
