import { expect, test } from 'vitest';
import { DeadlyPictures } from '../../../src/inference/worker/deadly-pictures.js';

function picture(number: number): Uint8Array {
  return new TextEncoder().encode(`picture ${number}`);
}

test('a picture is refused from the second death on', () => {
  const deadly = new DeadlyPictures();
  expect(deadly.blame(picture(1))).toBe(false);
  deadly.refuse(picture(1));
  expect(deadly.blame(picture(1))).toBe(true);
  expect(() => {
    deadly.refuse(picture(1));
  }).toThrow('The model stopped twice on this picture');
  deadly.refuse(picture(2));
});

test('of thousands of them the last thousand are remembered, so that they can not fill the memory', () => {
  const deadly = new DeadlyPictures();
  for (let number = 0; number < 3000; number++) {
    deadly.blame(picture(number));
    deadly.blame(picture(number));
  }
  const isRefused = (number: number): boolean => {
    try {
      deadly.refuse(picture(number));
      return false;
    } catch {
      return true;
    }
  };
  expect([0, 1999, 2000, 2999].map(isRefused)).toEqual([false, false, true, true]);
});
