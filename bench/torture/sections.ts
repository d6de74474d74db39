import { botDies } from './bot-dies.js';
import { discordMisbehaves } from './discord-misbehaves.js';
import { load } from './load.js';
import type { TortureSection } from './section.js';
import { soak } from './soak.js';

/** All sections, in the order in which they run. */
export const SECTIONS: readonly TortureSection[] = [botDies, discordMisbehaves, load, soak];
