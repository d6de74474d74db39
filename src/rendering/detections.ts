import type { Box, Size } from '../task.js';
import type { Context2D } from './context-2d.js';
import { drawLabel, drawLegend, numberMeasures } from './labels.js';
import { drawMask } from './mask-layer.js';
import { lineMeasuresFor, measuresFor } from './measures.js';
import { namesFor, type NumberedDetection } from './names.js';
import { strokeFor } from './palette.js';
import { drawBox } from './shapes.js';

export interface DrawOptions {
  /** What the detections are measured in, where the canvas has another size. Pixels. */
  readonly measuredIn: Size;
  /** Of labels, as CSS names fonts. */
  readonly fontFamily: string;
  /** Canvas pixels for each pixel that a person sees; 1 unless said otherwise. */
  readonly density?: number;
}

/**
 * Draws boxes, masks and labels on a canvas, in a worker as in a browser. An object with a mask is shown by its mask and
 * outline, one without by its box.
 */
export function drawDetections(
  context: Context2D,
  detections: readonly NumberedDetection[],
  { measuredIn, fontFamily, density = 1 }: DrawOptions,
): void {
  const { width, height } = context.canvas;
  const size = { width, height };
  const scale = { horizontal: width / measuredIn.width, vertical: height / measuredIn.height };
  const measures = measuresFor(size, density);
  const boxes = detections.map(({ box }) => clip(scaleBox(box, scale), size));
  detections.forEach(({ mask, index }, place) => {
    const stroke = strokeFor(index);
    const lines = lineMeasuresFor(boxes[place], measures);
    if (mask === undefined) {
      drawBox(context, boxes[place], stroke, lines);
    } else {
      drawMask(context, mask, scale, stroke.colour, lines);
    }
  });

  // Names come last, so that no box or mask of a neighbour covers one.
  const { names, numbered, legend } = namesFor(detections);
  const labels: Box[] = [];
  if (legend.length > 0) {
    labels.push(
      drawLegend(context, legend, { measures, fontFamily, surroundings: { labels, objects: boxes } }),
    );
  }
  names.forEach((name, place) => {
    if (name !== '') {
      const objects = boxes.filter((_, other) => other !== place);
      labels.push(
        drawLabel(context, name, boxes[place], strokeFor(detections[place].index), {
          measures: numbered[place] ? numberMeasures(boxes[place], measures) : measures,
          fontFamily,
          surroundings: { labels, objects },
        }),
      );
    }
  });
}

function scaleBox(box: Box, { horizontal, vertical }: { horizontal: number; vertical: number }): Box {
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
