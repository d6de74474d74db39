import type { Detection } from '../../task.js';
import type { MaskGrid } from './masks.js';
import type { FoundObject } from './output.js';

/** Whatever turns the sixteen words of a mask into its shape. */
export interface MaskSource {
  decode(codes: readonly number[]): Promise<MaskGrid>;
}

/**
 * Objects with their masks, in the same order.
 *
 * @param masks undefined: the checkpoint has no mask decoder, and objects have their boxes alone
 */
export async function withMasks(
  objects: readonly FoundObject[],
  masks: MaskSource | undefined,
): Promise<Detection[]> {
  const detections: Detection[] = [];
  for (const { label, box, maskCodes } of objects) {
    if (masks === undefined || maskCodes === undefined) {
      detections.push({ label, box });
    } else {
      detections.push({ label, box, mask: { box, ...(await masks.decode(maskCodes)) } });
    }
  }
  return detections;
}
