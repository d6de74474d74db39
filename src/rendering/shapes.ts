import type { Box } from '../task.js';
import type { Context2D } from './context-2d.js';
import type { LineMeasures } from './measures.js';
import type { Stroke } from './palette.js';

/** A coloured line between two dark ones, which shows on any background. */
export function drawBox(context: Context2D, box: Box, stroke: Stroke, measures: LineMeasures): void {
  const outside = measures.lineWidth / 2 + measures.haloWidth;
  // Drawn inwards where the box meets the picture's edge, so that no side of it disappears.
  const left = Math.max(box.left, outside);
  const top = Math.max(box.top, outside);
  const right = Math.min(box.right, context.canvas.width - outside);
  const bottom = Math.min(box.bottom, context.canvas.height - outside);

  context.save();
  context.lineJoin = 'round';
  context.strokeStyle = 'rgba(0, 0, 0, 0.75)';
  context.lineWidth = measures.lineWidth + 2 * measures.haloWidth;
  context.strokeRect(left, top, right - left, bottom - top);
  context.strokeStyle = stroke.colour;
  context.lineWidth = measures.lineWidth;
  context.setLineDash(stroke.dashed ? [measures.lineWidth * 4, measures.lineWidth * 2] : []);
  context.strokeRect(left, top, right - left, bottom - top);
  context.restore();
}
