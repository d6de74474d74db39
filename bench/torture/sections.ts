import { badStart } from './bad-start.js';
import { botDies } from './bot-dies.js';
import { discordMisbehaves } from './discord-misbehaves.js';
import { modelFails } from './model-fails.js';
import { gatewayCloses } from './gateway-closes.js';
import { hostileNetwork } from './hostile-network.js';
import { hostilePicturesSection } from './hostile-pictures.js';
import { hostileWordsSection } from './hostile-words.js';
import { load } from './load.js';
import type { TortureSection } from './section.js';
import { soak } from './soak.js';
import { waitingPictures } from './waiting-pictures.js';
import { unreadAnswers } from './unread-answers.js';
import { workerDies } from './worker-dies.js';

/** All sections, in the order in which they run. */
export const SECTIONS: readonly TortureSection[] = [
  workerDies,
  modelFails,
  botDies,
  discordMisbehaves,
  gatewayCloses,
  load,
  soak,
  waitingPictures,
  hostilePicturesSection,
  hostileWordsSection,
  hostileNetwork,
  unreadAnswers,
  badStart,
];
