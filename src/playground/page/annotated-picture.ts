import { drawDetections } from '../../rendering/detections.js';
import type { NumberedDetection } from '../../rendering/names.js';
import type { Box, Size } from '../../task.js';
import type { Drawable } from './drawable.js';
import { element } from './elements.js';

const LABEL_FONT = 'system-ui, sans-serif';
/** While the pointer is on one object, the others are drawn this strongly, 0 to 1. */
const FADED = 0.2;
/** A smaller picture is enlarged when it is saved, or no label would be readable on it. Pixels of the longer side. */
const SMALLEST_SAVED = 480;
/** And a larger one is reduced, since browsers limit what they can draw on. Pixels of the longer side. */
const LARGEST_SAVED = 4096;

/** A picture with what was found in it drawn over it, each object of which can be shown, hidden or stressed. */
export class AnnotatedPicture {
  readonly figure: HTMLElement;
  /** Called when the pointer comes upon an object in the picture, or leaves it. */
  onPoint: (index: number | undefined) => void = () => undefined;
  readonly #image: HTMLImageElement;
  readonly #canvas = element('canvas');
  #drawable: Drawable = { detections: [], size: { width: 1, height: 1 } };
  readonly #hidden = new Set<number>();
  #stressed: number | undefined;

  constructor(source: string) {
    this.#image = element('img');
    this.#image.src = source;
    this.#image.alt = '';
    this.#canvas.ariaHidden = 'true';
    this.figure = element('figure', 'picture', this.#image, this.#canvas);
    // A file that is no picture has nothing to show.
    this.#image.addEventListener('error', () => {
      this.figure.remove();
    });
    new ResizeObserver(() => {
      this.#draw();
    }).observe(this.#image);
    this.#canvas.addEventListener('pointermove', (event) => {
      this.#point(this.#objectAt(event));
    });
    this.#canvas.addEventListener('pointerleave', () => {
      this.#point(undefined);
    });
  }

  /** @param altText for those who can't see the picture */
  show(drawable: Drawable, altText: string): void {
    this.#drawable = drawable;
    this.#image.alt = altText;
    this.#draw();
  }

  setShown(index: number, shown: boolean): void {
    if (shown) {
      this.#hidden.delete(index);
    } else {
      this.#hidden.add(index);
    }
    this.#draw();
  }

  /** Makes one object stand out, or none. */
  stress(index: number | undefined): void {
    this.#stressed = index;
    this.#draw();
  }

  /** The picture as it is shown, as PNG. */
  async toPng(): Promise<Blob> {
    const { naturalWidth: width, naturalHeight: height } = this.#image;
    const longer = Math.max(width, height);
    const scale = Math.min(Math.max(1, SMALLEST_SAVED / longer), LARGEST_SAVED / longer);
    const canvas = element('canvas');
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.getContext('2d')?.drawImage(this.#image, 0, 0, canvas.width, canvas.height);
    drawOn(canvas, this.#shown(), { measuredIn: this.#drawable.size, density: 1 });
    return new Promise((resolve, reject) => {
      canvas.toBlob((blob) => {
        if (blob === null) {
          reject(new Error('The browser could not encode the picture.'));
        } else {
          resolve(blob);
        }
      });
    });
  }

  #shown(): readonly NumberedDetection[] {
    return this.#drawable.detections
      .map((detection, index) => ({ ...detection, index }))
      .filter(({ index }) => !this.#hidden.has(index));
  }

  #draw(): void {
    const { clientWidth, clientHeight } = this.#image;
    const density = devicePixelRatio;
    this.#canvas.width = Math.round(clientWidth * density);
    this.#canvas.height = Math.round(clientHeight * density);
    if (this.#canvas.width === 0 || this.#canvas.height === 0) {
      return;
    }
    const shown = this.#shown();
    const options = { measuredIn: this.#drawable.size, density };
    const stressed = shown.filter(({ index }) => index === this.#stressed);
    if (stressed.length === 0) {
      drawOn(this.#canvas, shown, options);
      return;
    }
    drawOn(
      this.#canvas,
      shown.filter(({ index }) => index !== this.#stressed),
      options,
    );
    fade(this.#canvas);
    drawOn(this.#canvas, stressed, options);
  }

  #point(index: number | undefined): void {
    if (index !== this.#stressed) {
      this.stress(index);
      this.onPoint(index);
    }
  }

  /** The smallest object under the pointer, since a large one may lie around it. */
  #objectAt({ offsetX, offsetY }: PointerEvent): number | undefined {
    const x = (offsetX / this.#canvas.clientWidth) * this.#drawable.size.width;
    const y = (offsetY / this.#canvas.clientHeight) * this.#drawable.size.height;
    return this.#shown()
      .filter(({ box }) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom)
      .sort((a, b) => areaOf(a.box) - areaOf(b.box))
      .at(0)?.index;
  }
}

function drawOn(
  canvas: HTMLCanvasElement,
  detections: readonly NumberedDetection[],
  options: { readonly measuredIn: Size; readonly density: number },
): void {
  const context = canvas.getContext('2d');
  if (context !== null) {
    drawDetections(context, detections, { ...options, fontFamily: LABEL_FONT });
  }
}

function fade(canvas: HTMLCanvasElement): void {
  const context = canvas.getContext('2d');
  if (context !== null) {
    context.save();
    context.globalCompositeOperation = 'destination-in';
    context.globalAlpha = FADED;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.restore();
  }
}

function areaOf({ left, top, right, bottom }: Box): number {
  return (right - left) * (bottom - top);
}
