import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { UserError } from '../../errors.js';
import { AppendedKeyValues } from './appended-key-values.js';
import type { FloatType } from './float16.js';
import { GrowingKeyValues } from './growing-key-values.js';
import { floatTypeOf, specsByName } from './sessions.js';

/** Keys and values of all tokens that a decoder has read, so that each is computed once. */
export interface PastKeyValues {
  /** Tokens read so far. */
  readonly length: number;
  /** By input name. */
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** Takes over what a run that read `count` tokens more gave. */
  accept(outputs: Readonly<Record<string, Tensor>>, count: number): void;
  /** Lets go of all. */
  dispose(): void;
}

/** What a checkpoint's configuration says of its cache. */
export interface CacheSizes {
  readonly keyValueHeads: number;
  readonly headSize: number;
}

/** One cache tensor of a decoder. */
export interface CacheSlot {
  readonly input: string;
  readonly output: string;
  readonly type: FloatType;
  readonly heads: number;
  readonly headSize: number;
}

/** The cache tensors of a decoder, and whether it gives back each of them grown or what is to be appended to it. */
export interface CacheLayout {
  readonly kind: 'growing' | 'appended';
  readonly slots: readonly CacheSlot[];
}

const PAST = 'past_key_values.';
const PART = /^\d+\.(?:key|value)$/;

/** Where a decoder of our own converter takes the answer's keys and values, beside the prompt's in `input`. */
export function answerInputName(input: string): string {
  return `answer_key_values.${input.slice(PAST.length)}`;
}

export function isCacheInput(name: string): boolean {
  return name.startsWith(PAST) && PART.test(name.slice(PAST.length));
}

/** What a grown cache tensor is called in the public exports. */
function presentName(input: string): string {
  return `present.${input.slice(PAST.length)}`;
}

/** What the graphs of our own converter give back that keep a prompt's cache apart from the answer's. */
export function currentName(input: string): string {
  return `current.${input.slice(PAST.length)}`;
}

/** All cache tensors that a decoder gives. @param isSplit whether it keeps a prompt's cache apart */
export function cacheOutputs(layers: number, isSplit: boolean): string[] {
  const inputs = Array.from({ length: layers }, (_, i) => [`${PAST}${i}.key`, `${PAST}${i}.value`]).flat();
  return inputs.map(isSplit ? currentName : presentName);
}

/**
 * The cache tensors of a decoder, by its own word; where it leaves a size open, by the checkpoint's configuration.
 *
 * @throws {UserError} the decoder takes a cache tensor that it does not give back, or none at all
 */
export function cacheLayoutOf(
  session: Pick<InferenceSession, 'inputMetadata' | 'outputNames'>,
  configured: CacheSizes,
): CacheLayout {
  const kind = session.outputNames.includes(currentName(`${PAST}0.key`)) ? 'appended' : 'growing';
  const outputName = kind === 'appended' ? currentName : presentName;
  const slots = [...specsByName(session.inputMetadata).values()].flatMap((spec) => {
    if (!isCacheInput(spec.name)) {
      return [];
    }
    const output = outputName(spec.name);
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
  return { kind, slots };
}

/** An empty cache. */
export function pastKeyValues({ kind, slots }: CacheLayout): PastKeyValues {
  return kind === 'appended' ? new AppendedKeyValues(slots) : new GrowingKeyValues(slots);
}
