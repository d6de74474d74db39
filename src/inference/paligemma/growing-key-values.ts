import type { Tensor } from 'onnxruntime-node';
import type { CacheSlot, PastKeyValues } from './past-key-values.js';
import { floatTensor } from './sessions.js';

/** A cache that each run gives back whole and grown: each tensor `[1, heads, length, headSize]`, wherever it was left. */
export class GrowingKeyValues implements PastKeyValues {
  length = 0;
  readonly #slots: readonly CacheSlot[];
  #tensors: Readonly<Record<string, Tensor>>;

  constructor(slots: readonly CacheSlot[]) {
    this.#slots = slots;
    this.#tensors = emptyTensors(slots);
  }

  get feeds(): Readonly<Record<string, Tensor>> {
    return this.#tensors;
  }

  /** What the outputs replace is freed at once, since it can be hundreds of megabytes. */
  accept(outputs: Readonly<Record<string, Tensor>>, count: number): void {
    this.dispose();
    this.#tensors = Object.fromEntries(this.#slots.map(({ input, output }) => [input, outputs[output]]));
    this.length += count;
  }

  dispose(): void {
    for (const tensor of Object.values(this.#tensors)) {
      tensor.dispose();
    }
  }
}

function emptyTensors(slots: readonly CacheSlot[]): Record<string, Tensor> {
  return Object.fromEntries(
    slots.map(({ input, type, heads, headSize }) => [input, floatTensor(type, [1, heads, 0, headSize])]),
  );
}
