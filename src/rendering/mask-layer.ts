import type { Mask } from '../task.js';
import type { Context2D } from './context-2d.js';
import { contoursOf } from './contours.js';
import type { LineMeasures } from './measures.js';

/** How strongly a mask tints what lies under it, 0 to 1: the object stays recognisable. */
const TINT = 0.45;

/**
 * Tints an object and draws a coloured outline with a dark halo around it. Nothing is drawn that has a pixel for each of
 * the picture's: a mask takes no more memory on a large picture than on a small one.
 *
 * @param scale pixels of the canvas for each pixel of the picture, across and down
 * @param measures widths in pixels of the canvas
 */
export function drawMask(
  context: Context2D,
  mask: Mask,
  scale: { readonly horizontal: number; readonly vertical: number },
  colour: string,
  { lineWidth, haloWidth }: LineMeasures,
): void {
  const contours = contoursOf(mask);
  const trace = (): void => {
    context.beginPath();
    for (const contour of contours) {
      contour.forEach(({ x, y }, index) => {
        if (index === 0) {
          context.moveTo(x * scale.horizontal, y * scale.vertical);
        } else {
          context.lineTo(x * scale.horizontal, y * scale.vertical);
        }
      });
      context.closePath();
    }
  };
  context.save();
  trace();
  context.globalAlpha = TINT;
  context.fillStyle = colour;
  context.fill('evenodd');
  context.globalAlpha = 1;

  // Lines are as wide inside as outside of what they follow: the inner half is cut off.
  trace();
  context.rect(0, 0, context.canvas.width, context.canvas.height);
  context.clip('evenodd');
  trace();
  context.lineJoin = 'round';
  context.strokeStyle = '#000000';
  context.lineWidth = 2 * (lineWidth + haloWidth);
  context.stroke();
  context.strokeStyle = colour;
  context.lineWidth = 2 * lineWidth;
  context.stroke();
  context.restore();
}
