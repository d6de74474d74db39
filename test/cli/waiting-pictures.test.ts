import { expect, test } from 'vitest';
import { mostWaitingBytes, waitingPictures } from '../../src/cli/waiting-pictures.js';

test.each([
  { waiting: 50, pictureMebibytes: 25, all: 1250, held: 203 },
  { waiting: 1, pictureMebibytes: 25, all: 25, held: 50 },
  { waiting: 10_000, pictureMebibytes: 500, all: 5_000_000, held: 2000 },
])(
  '$waiting pictures of $pictureMebibytes MiB are told with what they come to',
  ({ all, held, ...limits }) => {
    expect(waitingPictures(limits)).toContain(`${all} MiB together`);
    expect(waitingPictures(limits)).toContain(`at most ${held} MiB of them`);
    expect(mostWaitingBytes(limits)).toBe(held * 2 ** 20);
  },
);
