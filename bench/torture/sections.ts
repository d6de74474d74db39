import type { TortureSection } from './section.js';

/** All sections, in the order in which they run; each is loaded when it is its turn. */
export const SECTIONS: readonly TortureSection[] = [];
