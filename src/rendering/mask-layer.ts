import type { Mask, Size } from '../task.js';
import type { Context2D } from './shapes.js';

/** A canvas, of the worker or of a browser. */
export interface Surface extends Size {
  getContext(kind: '2d'): MaskContext;
}

/** What drawing masks needs of a 2D canvas besides. */
export interface MaskContext extends Context2D {
  globalAlpha: number;
  globalCompositeOperation: 'destination-out' | 'source-in' | 'source-over';
  drawImage(image: Surface, left: number, top: number, width?: number, height?: number): void;
  fillRect(left: number, top: number, width: number, height: number): void;
  createImageData(width: number, height: number): Pixels;
  putImageData(pixels: Pixels, left: number, top: number): void;
}

interface Pixels {
  /** `[height, width, 4]` bytes of red, green, blue and opacity. */
  readonly data: Uint8ClampedArray;
}

type NewSurface = (width: number, height: number) => Surface;

/** How strongly a mask tints what lies under it, 0 to 1: the object stays recognisable. */
const TINT = 0.45;
/**
 * A mask's coverage fades over several pixels, and models leave faint specks around it. The drawn edge fades this
 * many times faster, about half coverage, which is where the object ends.
 */
const EDGE_CONTRAST = 6;
/** Copies of the mask, shifted around a circle, whose union is the mask grown by the circle's radius. */
const OUTLINE_DIRECTIONS = 16;

/**
 * Tints a mask's pixels and draws a coloured outline with a dark halo around them.
 *
 * @param scale pixels of the canvas per pixel of the picture
 * @param measures widths in pixels of the canvas
 * @param newSurface makes another canvas of the same kind
 */
export function drawMask(
  context: MaskContext,
  mask: Mask,
  scale: number,
  colour: string,
  measures: { readonly lineWidth: number; readonly haloWidth: number },
  newSurface: NewSurface,
): void {
  if (mask.width === 0 || mask.height === 0) {
    return;
  }
  const margin = measures.lineWidth + measures.haloWidth;
  const width = Math.ceil(mask.width * scale);
  const height = Math.ceil(mask.height * scale);
  const tinted = silhouette(mask, width, height, colour, newSurface);
  const dark = recoloured(tinted, '#000000', newSurface);

  const outline = newSurface(width + 2 * margin, height + 2 * margin);
  const outlineContext = outline.getContext('2d');
  const stamp = (source: Surface, radius: number): void => {
    for (let direction = 0; direction < OUTLINE_DIRECTIONS; direction++) {
      const angle = (2 * Math.PI * direction) / OUTLINE_DIRECTIONS;
      const left = margin + radius * Math.cos(angle);
      const top = margin + radius * Math.sin(angle);
      outlineContext.drawImage(source, left, top);
    }
  };
  stamp(dark, margin);
  stamp(tinted, measures.lineWidth);
  outlineContext.globalCompositeOperation = 'destination-out';
  outlineContext.drawImage(dark, margin, margin);

  const left = Math.round(mask.left * scale);
  const top = Math.round(mask.top * scale);
  context.save();
  context.globalAlpha = TINT;
  context.drawImage(tinted, left, top);
  context.globalAlpha = 1;
  context.drawImage(outline, left - margin, top - margin);
  context.restore();
}

/** The mask's shape filled with one colour, `width` by `height` pixels. */
function silhouette(
  mask: Mask,
  width: number,
  height: number,
  colour: string,
  newSurface: NewSurface,
): Surface {
  const [red, green, blue] = [1, 3, 5].map((start) =>
    Number.parseInt(colour.slice(start, start + 2), 16),
  ) as [number, number, number];
  const source = newSurface(mask.width, mask.height);
  const context = source.getContext('2d');
  const image = context.createImageData(mask.width, mask.height);
  const pixels = image.data;
  // A loop and no array for each pixel: a photograph has millions of them.
  for (let index = 0; index < mask.coverage.length; index++) {
    pixels[index * 4] = red;
    pixels[index * 4 + 1] = green;
    pixels[index * 4 + 2] = blue;
    // A clamped array takes what lies outside 0..255 as the nearest of the two.
    pixels[index * 4 + 3] = (mask.coverage[index] - 127.5) * EDGE_CONTRAST + 127.5;
  }
  context.putImageData(image, 0, 0);
  const scaled = newSurface(width, height);
  scaled.getContext('2d').drawImage(source, 0, 0, width, height);
  return scaled;
}

/** The same shape in another colour. */
function recoloured(shape: Surface, colour: string, newSurface: NewSurface): Surface {
  const copy = newSurface(shape.width, shape.height);
  const context = copy.getContext('2d');
  context.drawImage(shape, 0, 0);
  context.globalCompositeOperation = 'source-in';
  context.fillStyle = colour;
  context.fillRect(0, 0, shape.width, shape.height);
  return copy;
}
