import type { LimitsConfig } from '../config.js';
import { HELD_BYTES } from '../inference/held-pictures.js';
import { FETCHED_AHEAD } from '../inference/late-picture.js';

const MEBIBYTE = 2 ** 20;

type Limits = Pick<LimitsConfig, 'waiting' | 'pictureMebibytes'>;

/** What the pictures that wait may come to, and how much of that is in memory; in a sentence for the owner. */
export function waitingPictures({ waiting, pictureMebibytes }: Limits): string {
  const all = waiting * pictureMebibytes;
  const held = mostWaitingBytes({ waiting, pictureMebibytes }) / MEBIBYTE;
  return (
    `${waiting} pictures of up to ${pictureMebibytes} MiB may wait, ${all} MiB together ` +
    `(QUEUE_LIMIT, PICTURE_LIMIT); at most ${held} MiB of them are in memory at a time.`
  );
}

/** Beside those that wait with room for them, the next ones and the one that is looked at. Bytes. */
export function mostWaitingBytes({ waiting, pictureMebibytes }: Limits): number {
  const largest = pictureMebibytes * MEBIBYTE;
  const held = Math.max(HELD_BYTES, largest) + (FETCHED_AHEAD + 1) * largest;
  return Math.min((waiting + 1) * largest, held);
}
