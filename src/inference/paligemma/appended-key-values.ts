import type { Tensor } from 'onnxruntime-node';
import { answerInputName, type CacheSlot, type PastKeyValues } from './past-key-values.js';
import { floatDataOf, floatTensor } from './sessions.js';

/** Room for this many more of the answer's tokens is made at once. */
const STEP = 64;

/**
 * A cache in the processor's memory of which nothing is copied that is there already: the prompt's tensors stay as the
 * decoder gave them, `[1, heads, prompt, headSize]`; the answer's have room behind them, `[1, heads, capacity,
 * headSize]`, and of each run only the new keys and values are copied there.
 */
export class AppendedKeyValues implements PastKeyValues {
  readonly #slots: readonly CacheSlot[];
  #prompt: readonly Tensor[];
  #answer: readonly Tensor[];
  #promptLength = 0;
  #answerLength = 0;
  #capacity = 0;

  constructor(slots: readonly CacheSlot[]) {
    this.#slots = slots;
    this.#prompt = tensorsOf(slots, 0);
    this.#answer = tensorsOf(slots, 0);
  }

  get length(): number {
    return this.#promptLength + this.#answerLength;
  }

  get feeds(): Readonly<Record<string, Tensor>> {
    return Object.fromEntries(
      this.#slots.flatMap(({ input }, i) => [
        [input, this.#prompt[i]],
        [answerInputName(input), this.#answer[i]],
      ]),
    );
  }

  /** What is read first is the prompt. */
  accept(outputs: Readonly<Record<string, Tensor>>, count: number): void {
    if (this.#promptLength === 0) {
      this.#prompt = this.#slots.map(({ output }) => outputs[output]);
      this.#promptLength = count;
      return;
    }
    this.#makeRoom(this.#answerLength + count);
    this.#slots.forEach(({ output, heads, headSize }, i) => {
      copyPlaces(outputs[output], this.#answer[i], { heads, headSize, count, at: this.#answerLength });
    });
    this.#answerLength += count;
  }

  dispose(): void {
    this.#prompt = [];
    this.#answer = [];
  }

  #makeRoom(tokens: number): void {
    if (tokens <= this.#capacity) {
      return;
    }
    const before = this.#answer;
    this.#capacity = Math.ceil(tokens / STEP) * STEP;
    this.#answer = tensorsOf(this.#slots, this.#capacity);
    this.#slots.forEach(({ heads, headSize }, i) => {
      copyPlaces(before[i], this.#answer[i], { heads, headSize, count: this.#answerLength, at: 0 });
    });
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

/** Zeros, since what an empty place holds is still multiplied, by a weight of zero. */
function tensorsOf(slots: readonly CacheSlot[], capacity: number): Tensor[] {
  return slots.map(({ type, heads, headSize }) => floatTensor(type, [1, heads, capacity, headSize]));
}
