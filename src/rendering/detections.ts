import type { Box, Detection, Size } from '../task.js';
import { drawMask, type MaskContext, type Surface } from './mask-layer.js';
import type { Stroke } from './palette.js';
import { drawBox, drawLabel, measuresFor } from './shapes.js';

export interface DrawOptions {
  /** What the detections are measured in, where the canvas has another size. Pixels. */
  readonly measuredIn: Size;
  /** Of labels, as CSS names fonts. */
  readonly fontFamily: string;
  /** Canvas pixels for each pixel that a person sees; 1 unless said otherwise. */
  readonly density?: number;
  /** Another canvas of the same kind. Pixels. */
  readonly newSurface: (width: number, height: number) => Surface;
}

/**
 * Draws boxes, masks and labels on a canvas, in a worker as in a browser. An object with a mask is shown by its mask and
 * outline, one without by its box.
 */
export function drawDetections(
  context: MaskContext,
  detections: readonly (Detection & { readonly stroke: Stroke })[],
  { measuredIn, fontFamily, density = 1, newSurface }: DrawOptions,
): void {
  const { width, height } = context.canvas;
  const size = { width, height };
  const scale = Math.max(width, height) / Math.max(measuredIn.width, measuredIn.height);
  const measures = measuresFor(size, density);
  const drawn = detections.map((detection) => ({
    ...detection,
    box: clip(scaleBox(detection.box, width / measuredIn.width, height / measuredIn.height), size),
  }));
  for (const { mask, stroke, box } of drawn) {
    if (mask === undefined) {
      drawBox(context, box, stroke, measures);
    } else {
      drawMask(context, mask, scale, stroke.colour, measures, newSurface);
    }
  }
  // Labels come last, so that no box or mask of a neighbour covers one.
  const placed: Box[] = [];
  for (const { label, stroke, box } of drawn) {
    if (label !== '') {
      placed.push(drawLabel(context, label, { box, stroke, measures, fontFamily, size, placed }));
    }
  }
}

function scaleBox(box: Box, horizontal: number, vertical: number): Box {
  return {
    left: box.left * horizontal,
    top: box.top * vertical,
    right: box.right * horizontal,
    bottom: box.bottom * vertical,
  };
}

function clip(box: Box, { width, height }: Size): Box {
  const inside = (value: number, limit: number): number => Math.min(Math.max(value, 0), limit);
  return {
    left: inside(box.left, width),
    top: inside(box.top, height),
    right: inside(box.right, width),
    bottom: inside(box.bottom, height),
  };
}
