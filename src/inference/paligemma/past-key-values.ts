import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { UserError } from '../../errors.js';
import type { CheckpointFolder } from './checkpoint-folder.js';
import type { FloatType } from './float16.js';
import { floatTypeOf, specsByName } from './sessions.js';

/** One cache tensor of a decoder: what it takes as `input` it gives back, grown, as `output`. */
export interface CacheSlot {
  readonly input: string;
  readonly output: string;
  readonly type: FloatType;
  readonly heads: number;
  readonly headSize: number;
}

const INPUT_NAME = /^past_key_values\.(\d+\.(?:key|value))$/;

/** The name under which the public exports give back a cache tensor. */
export function presentName(layerAndPart: string): string {
  return `present.${layerAndPart}`;
}

/**
 * The cache tensors of a decoder, by its own word; where it leaves a size open, by the checkpoint's configuration.
 *
 * @throws {UserError} the decoder takes a cache tensor that it does not give back, or none at all
 */
export function cacheSlotsOf(
  session: Pick<InferenceSession, 'inputMetadata' | 'outputNames'>,
  configured: Pick<CheckpointFolder, 'keyValueHeads' | 'headSize'>,
): readonly CacheSlot[] {
  const slots = [...specsByName(session.inputMetadata).values()].flatMap((spec) => {
    const part = INPUT_NAME.exec(spec.name)?.[1];
    if (part === undefined) {
      return [];
    }
    const output = presentName(part);
    if (!session.outputNames.includes(output)) {
      throw new UserError(`The checkpoint's decoder takes ${spec.name} but does not give ${output}.`);
    }
    const [, heads, , headSize] = spec.shape;
    return {
      input: spec.name,
      output,
      type: floatTypeOf(spec),
      heads: typeof heads === 'number' ? heads : configured.keyValueHeads,
      headSize: typeof headSize === 'number' ? headSize : configured.headSize,
    };
  });
  if (slots.length === 0) {
    throw new UserError("The checkpoint's decoder has no past_key_values: it was exported without a cache.");
  }
  return slots;
}

/** Keys and values of all tokens that a decoder has read, so that each is computed once. */
export class PastKeyValues {
  /** Tokens read so far. */
  length = 0;
  readonly #slots: readonly CacheSlot[];
  #tensors: Readonly<Record<string, Tensor>>;

  constructor(slots: readonly CacheSlot[]) {
    this.#slots = slots;
    this.#tensors = Object.fromEntries(slots.map((slot) => [slot.input, emptyTensor(slot)]));
  }

  /** By input name: each `[1, heads, length, headSize]`, wherever the last run left it. */
  get feeds(): Readonly<Record<string, Tensor>> {
    return this.#tensors;
  }

  /** Takes over a run's outputs; what they replace is freed at once, since it can be hundreds of megabytes. */
  replace(outputs: Readonly<Record<string, Tensor>>, length: number): void {
    this.dispose();
    this.#tensors = Object.fromEntries(this.#slots.map(({ input, output }) => [input, outputs[output]]));
    this.length = length;
  }

  dispose(): void {
    for (const tensor of Object.values(this.#tensors)) {
      tensor.dispose();
    }
    this.#tensors = {};
  }
}

function emptyTensor({ type, heads, headSize }: CacheSlot): Tensor {
  const data = type === 'float16' ? new Uint16Array(0) : new Float32Array(0);
  return new Tensor(type, data, [1, heads, 0, headSize]);
}
