import { expect, test } from 'vitest';
import { HeldPictures } from '../../src/inference/held-pictures.js';

const picture = (fill: number, bytes = 10): Uint8Array => new Uint8Array(bytes).fill(fill);

test('pictures are held as long as there is room, and room is given back once', () => {
  const pictures = new HeldPictures(25);
  const first = pictures.reserve(10);
  const second = pictures.reserve(10);
  expect(pictures.reserve(10)).toBeUndefined();
  first?.keep(picture(1));
  first?.free();
  first?.free();
  expect(pictures.bytes).toBe(10);
  expect(pictures.reserve(15)).toBeDefined();
  second?.free();
  expect(pictures.bytes).toBe(15);
});

test('of equal ones one is held, until the last who needs it has gone', () => {
  const pictures = new HeldPictures(100);
  const rooms = [pictures.reserve(10), pictures.reserve(10), pictures.reserve(10)];
  const kept = rooms.map((room) => room?.keep(picture(7)));
  expect(new Set(kept).size).toBe(1);
  expect(pictures.bytes).toBe(10);
  rooms[0]?.free();
  rooms[2]?.free();
  expect(pictures.bytes).toBe(10);
  rooms[1]?.free();
  expect(pictures.bytes).toBe(0);
});

test('a single one may be larger than all the room, since it could never be held otherwise', () => {
  const pictures = new HeldPictures(25);
  expect(pictures.reserve(30)).toBeDefined();
  expect(pictures.reserve(1)).toBeUndefined();
});

test('what counts in the end is the size that came, not the one that was told', () => {
  const pictures = new HeldPictures(100);
  const room = pictures.reserve(90);
  room?.keep(picture(1, 5));
  expect(pictures.bytes).toBe(5);
  expect(pictures.reserve(95)).toBeDefined();
});
