import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { CheckpointConfig } from '../../src/checkpoints/config.js';

/** What one pass through the decoder gives. */
export interface DecoderStep {
  readonly logits: Float32Array;
  /** `present.N.key|value` by name. */
  readonly present: ReadonlyMap<string, Tensor>;
}

/**
 * A converted folder's three graphs with the least that can be done with them, apart from the engine: so that
 * a test says something of the graphs alone.
 */
export class GraphModel {
  private constructor(
    private readonly config: CheckpointConfig,
    private readonly vision: InferenceSession,
    private readonly embedding: InferenceSession,
    private readonly decoder: InferenceSession,
  ) {}

  /** @param suffix of the files' names, which says how they are stored */
  static async open(folder: string, config: CheckpointConfig, suffix = ''): Promise<GraphModel> {
    const open = (name: string): Promise<InferenceSession> =>
      InferenceSession.create(join(folder, 'onnx', `${name}${suffix}.onnx`), { logSeverityLevel: 3 });
    return new GraphModel(
      config,
      await open('vision_encoder'),
      await open('embed_tokens'),
      await open('decoder_model_merged'),
    );
  }

  /** @param pixels `[3, size, size]` */
  async features(pixels: Float32Array): Promise<Float32Array> {
    const { channels, imageSize } = this.config.vision;
    const pixelValues = new Tensor('float32', pixels, [1, channels, imageSize, imageSize]);
    return floats((await this.vision.run({ pixel_values: pixelValues })).image_features);
  }

  async embed(ids: readonly number[]): Promise<Float32Array> {
    return floats((await this.embedding.run({ input_ids: integers(ids) })).inputs_embeds);
  }

  /** The embeddings of a prompt, the picture's features where it has image tokens. */
  async prompt(ids: readonly number[], pixels: Float32Array): Promise<Float32Array> {
    const { hiddenSize } = this.config.text;
    const embeddings = await this.embed(ids);
    const features = await this.features(pixels);
    let used = 0;
    for (const [position, id] of ids.entries()) {
      if (id === this.config.imageTokenId) {
        embeddings.set(features.subarray(used * hiddenSize, (used + 1) * hiddenSize), position * hiddenSize);
        used++;
      }
    }
    return embeddings;
  }

  /** @param firstPosition the position id of the first embedding */
  async decode(embeddings: Float32Array, firstPosition = 1, past?: DecoderStep): Promise<DecoderStep> {
    const { hiddenSize } = this.config.text;
    const count = embeddings.length / hiddenSize;
    const outputs = await this.decoder.run({
      inputs_embeds: new Tensor('float32', embeddings, [1, count, hiddenSize]),
      position_ids: integers(Array.from({ length: count }, (_, index) => firstPosition + index)),
      ...this.#pastInputs(past),
    });
    const present = Object.entries(outputs).filter(([name]) => name.startsWith('present.'));
    return { logits: floats(outputs.logits), present: new Map(present) };
  }

  /** The most likely token again and again. @param never a token that is passed over, such as an answer's end */
  async greedy(
    ids: readonly number[],
    pixels: Float32Array,
    count: number,
    never?: number,
  ): Promise<number[]> {
    let step = await this.decode(await this.prompt(ids, pixels));
    const tokens = [argmax(step.logits, never)];
    while (tokens.length < count) {
      const last = await this.embed(tokens.slice(-1));
      step = await this.decode(last, ids.length + tokens.length, step);
      tokens.push(argmax(step.logits, never));
    }
    return tokens;
  }

  async close(): Promise<void> {
    await Promise.all([this.vision.release(), this.embedding.release(), this.decoder.release()]);
  }

  #pastInputs(past: DecoderStep | undefined): Record<string, Tensor> {
    const { layers, keyValueHeads, headSize } = this.config.text;
    const empty = new Tensor('float32', new Float32Array(0), [1, keyValueHeads, 0, headSize]);
    const names = Array.from({ length: layers }, (_, layer) => [`${layer}.key`, `${layer}.value`]).flat();
    return Object.fromEntries(
      names.map((name) => [`past_key_values.${name}`, past?.present.get(`present.${name}`) ?? empty]),
    );
  }
}

/** The greatest difference over the greatest expected magnitude. */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) {
    throw new Error(`${actual.length} numbers instead of ${expected.length}`);
  }
  let difference = 0;
  let magnitude = 0;
  for (let index = 0; index < expected.length; index++) {
    difference = Math.max(difference, Math.abs(actual[index] - expected[index]));
    magnitude = Math.max(magnitude, Math.abs(expected[index]));
  }
  return difference / magnitude;
}

function argmax(values: Float32Array, never?: number): number {
  let best = never === 0 ? 1 : 0;
  for (const [index, value] of values.entries()) {
    if (value > values[best] && index !== never) {
      best = index;
    }
  }
  return best;
}

export function floats(tensor: Tensor): Float32Array {
  if (!(tensor.data instanceof Float32Array)) {
    throw new Error(`a tensor of ${tensor.type}`);
  }
  return tensor.data;
}

function integers(values: readonly number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);
}
