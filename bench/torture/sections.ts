import { badStart } from './bad-start.js';
import { hostileNetwork } from './hostile-network.js';
import { hostilePicturesSection } from './hostile-pictures.js';
import { hostileWordsSection } from './hostile-words.js';
import type { TortureSection } from './section.js';
import { workerDies } from './worker-dies.js';

/** All sections, in the order in which they run. */
export const SECTIONS: readonly TortureSection[] = [
  workerDies,
  hostilePicturesSection,
  hostileWordsSection,
  hostileNetwork,
  badStart,
];
