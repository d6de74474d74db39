import { Tensor } from 'onnxruntime-node';

/**
 * Has ONNX Runtime take half-precision tensors as bits in a Uint16Array, also on releases of Node with a Float16Array:
 * of one of those its native part (1.30) sees no element, and every run fails. It looks for that type once, when the
 * first tensor of the process is made, which is here.
 */
export function takeHalvesAsBits(): void {
  const Float16Array = Object.getOwnPropertyDescriptor(globalThis, 'Float16Array');
  if (Float16Array === undefined) {
    return;
  }
  Reflect.deleteProperty(globalThis, 'Float16Array');
  try {
    new Tensor('float32', new Float32Array(1));
  } finally {
    Object.defineProperty(globalThis, 'Float16Array', Float16Array);
  }
}
