import { expect, test } from 'vitest';

/** Such as Node has from release 24 on; here its name and its place count. */
class Float16Array extends Uint16Array {}

test('half-precision tensors are bits also where the language has numbers of that precision', async () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'Float16Array');
  Object.defineProperty(globalThis, 'Float16Array', {
    value: Float16Array,
    configurable: true,
    writable: true,
  });
  try {
    // Both look around when they are loaded, or when the first tensor is made.
    const { floatTensor, floatDataOf } = await import('../../../src/inference/paligemma/sessions.js');
    const { Tensor } = await import('onnxruntime-node');
    const bits = Uint16Array.of(0x3c00, 0x4000);
    expect(new Tensor('float16', bits, [2]).data).toBe(bits);
    expect(floatDataOf(floatTensor('float16', [3])).constructor).toBe(Uint16Array);
    expect(Reflect.get(globalThis, 'Float16Array')).toBe(Float16Array);
  } finally {
    Reflect.deleteProperty(globalThis, 'Float16Array');
    if (before !== undefined) {
      Object.defineProperty(globalThis, 'Float16Array', before);
    }
  }
});
