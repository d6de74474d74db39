import { UserError } from '../errors.js';
import type { AttributeValue, StoredTensors } from './onnx/graph-builder.js';
import type { Rows } from './rows.js';

export type Bits = 4 | 8;

interface Quantised {
  readonly tensors: StoredTensors;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

export function quantised(name: string, weight: Rows, bits: Bits): Quantised {
  throw new UserError(`${name} (${weight.rows} x ${weight.columns}) can't be stored in ${bits} bits yet.`);
}
