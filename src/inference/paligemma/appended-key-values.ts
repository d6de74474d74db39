import type { Tensor } from 'onnxruntime-node';
import type { CacheSlot, PastKeyValues } from './past-key-values.js';
import { floatDataOf, floatTensor } from './sessions.js';

/** Room is made for this many tokens at once, and at least half of them are free then. */
const STEP = 128;

/**
 * A cache that stays where it is, in the processor's memory, with room behind it: of each run only the new keys and
 * values are copied. Each tensor is `[1, heads, capacity, headSize]`, of which the first `length` places are filled.
 *
 * Its memory is kept for the next prompt: to ask the system for hundreds of megabytes anew takes longer than a token.
 */
export class AppendedKeyValues implements PastKeyValues {
  length = 0;
  #capacity = 0;
  readonly #slots: readonly CacheSlot[];
  readonly #empty: Readonly<Record<string, Tensor>>;
  #tensors: Readonly<Record<string, Tensor>>;

  constructor(slots: readonly CacheSlot[]) {
    this.#slots = slots;
    this.#empty = tensorsOf(slots, 0);
    this.#tensors = this.#empty;
  }

  get feeds(): Readonly<Record<string, Tensor>> {
    // Room that holds nothing yet would only be computed with in vain.
    return this.length === 0 ? this.#empty : this.#tensors;
  }

  accept(outputs: Readonly<Record<string, Tensor>>, count: number): void {
    this.#makeRoom(this.length + count);
    for (const { input, output, heads, headSize } of this.#slots) {
      copyPlaces(outputs[output], this.#tensors[input], { heads, headSize, count, at: this.length });
    }
    this.length += count;
  }

  /** Zeros, not what was there: a number that is none would spread from an empty place to whatever is read next. */
  clear(): void {
    for (const tensor of Object.values(this.#tensors)) {
      floatDataOf(tensor).fill(0);
    }
    this.length = 0;
  }

  #makeRoom(tokens: number): void {
    const wanted = Math.ceil((tokens + STEP / 2) / STEP) * STEP;
    const isFar = this.length === 0 && this.#capacity > wanted;
    if (tokens <= this.#capacity && !isFar) {
      return;
    }
    const before = this.#tensors;
    this.#tensors = tensorsOf(this.#slots, wanted);
    this.#capacity = wanted;
    if (this.length > 0) {
      for (const { input, heads, headSize } of this.#slots) {
        copyPlaces(before[input], this.#tensors[input], { heads, headSize, count: this.length, at: 0 });
      }
    }
  }
}

interface Places {
  readonly heads: number;
  readonly headSize: number;
  readonly count: number;
  /** The first place written to. */
  readonly at: number;
}

/** Copies the first `count` places of each head. */
function copyPlaces(from: Tensor, to: Tensor, { heads, headSize, count, at }: Places): void {
  const source = floatDataOf(from);
  const target = floatDataOf(to);
  const fromCapacity = from.dims[2];
  const toCapacity = to.dims[2];
  for (let head = 0; head < heads; head++) {
    const start = head * fromCapacity * headSize;
    target.set(source.subarray(start, start + count * headSize), (head * toCapacity + at) * headSize);
  }
}

function tensorsOf(slots: readonly CacheSlot[], capacity: number): Record<string, Tensor> {
  return Object.fromEntries(
    slots.map(({ input, type, heads, headSize }) => [
      input,
      floatTensor(type, [1, heads, capacity, headSize]),
    ]),
  );
}
