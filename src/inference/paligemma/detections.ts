import type { Detection, Size } from '../../task.js';
import { spreadMask, type MaskGrid } from './masks.js';
import type { FoundObject } from './output.js';

/** Whatever turns the sixteen words of a mask into its shape. */
export interface MaskSource {
  decode(codes: readonly number[]): Promise<MaskGrid>;
}

/** Bytes that the masks of one answer may take: a mask has one byte for each pixel of its box. */
const MASK_BUDGET = 256 * 2 ** 20;

/**
 * Objects with their masks, in the same order. Objects whose mask would exceed the budget keep their box alone.
 *
 * @param picture the upright picture that the boxes lie in
 * @param masks undefined: the checkpoint has no mask decoder
 */
export async function withMasks(
  objects: readonly FoundObject[],
  picture: Size,
  masks: MaskSource | undefined,
  budget = MASK_BUDGET,
): Promise<Detection[]> {
  const detections: Detection[] = [];
  let bytesLeft = budget;
  for (const { label, box, maskCodes } of objects) {
    const bytes = (box.right - box.left) * (box.bottom - box.top);
    if (masks === undefined || maskCodes === undefined || bytes > bytesLeft) {
      detections.push({ label, box });
      continue;
    }
    bytesLeft -= bytes;
    detections.push({ label, box, mask: spreadMask(await masks.decode(maskCodes), box, picture) });
  }
  return detections;
}
