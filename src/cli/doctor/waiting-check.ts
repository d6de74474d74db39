import type { LimitsConfig } from '../../config.js';
import { inspectMachine } from '../../inference/machine/machine.js';
import { mostWaitingBytes, waitingPictures } from '../waiting-pictures.js';
import type { Check } from './finding.js';

/** The model needs most of the memory; waiting pictures should take no more of it than this. */
const MODEST_SHARE = 1 / 4;

/** Whether the limits let more pictures wait than this machine has memory for. */
export function waitingCheck(limits: LimitsConfig): Check {
  return {
    name: 'Waiting',
    look: async () => {
      const says = waitingPictures(limits);
      const { memory } = await inspectMachine();
      return mostWaitingBytes(limits) <= MODEST_SHARE * memory
        ? { verdict: 'ok', says }
        : { verdict: 'note', says, mend: 'That is much for the free memory here: lower PICTURE_LIMIT.' };
    },
  };
}
