/**
 * Seven colours that people with any kind of colour blindness can tell apart: those of Okabe and Ito
 * ("Color Universal Design", 2008) without black, which outlines them all. Neighbours in the list differ in
 * lightness too, so the first few stay apart in greyscale.
 */
const COLOURS = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7'] as const;

/** How one detection is drawn. */
export interface Stroke {
  /** A CSS colour. */
  readonly colour: string;
  /** Black or white, whichever reads better on `colour`. */
  readonly textColour: string;
  /** True from the eighth detection on, where colours begin to repeat. */
  readonly dashed: boolean;
}

/** The stroke of the detection at `index` (from 0). */
export function strokeFor(index: number): Stroke {
  const colour = COLOURS[index % COLOURS.length] ?? COLOURS[0];
  return {
    colour,
    textColour: relativeLuminance(colour) > 0.179 ? '#000000' : '#ffffff',
    dashed: Math.floor(index / COLOURS.length) % 2 === 1,
  };
}

/**
 * Relative luminance of `#rrggbb`, 0 to 1 (WCAG 2.2). Above 0.179 black text has the greater contrast.
 */
export function relativeLuminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((start) => {
    const value = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
