import { expect, test } from 'vitest';
import { cardsAmong } from '../../../src/inference/machine/graphics-cards.js';

test('screens without a processor of their own are no cards', () => {
  const controllers = [
    { vendor: 'ASPEED Technology, Inc.', model: 'ASPEED Graphics Family' },
    { vendor: 'Red Hat, Inc.', model: 'Virtio 1.0 GPU' },
    { vendor: 'Cirrus Logic', model: 'GD 5446' },
    { vendor: 'VMware', model: 'SVGA II Adapter' },
    { vendor: '', model: 'Microsoft Basic Display Adapter' },
  ];
  expect(cardsAmong(controllers)).toEqual([]);
});

test('what is free of an NVIDIA card is known in bytes', () => {
  const controller = {
    vendor: 'NVIDIA Corporation',
    model: 'GA106 [GeForce RTX 3060]',
    name: 'NVIDIA GeForce RTX 3060',
    vramDynamic: false,
    memoryFree: 12_000,
  };
  expect(cardsAmong([controller])).toEqual([
    { name: 'NVIDIA GeForce RTX 3060', memory: 12_000 * 2 ** 20, integrated: false },
  ]);
});

test('a card of its own comes before one in the processor', () => {
  const cards = cardsAmong([
    { vendor: 'Intel Corporation', model: 'UHD Graphics 630', vramDynamic: true },
    { vendor: 'Advanced Micro Devices, Inc. [AMD/ATI]', model: 'Navi 23 [Radeon RX 6600]' },
  ]);
  expect(cards.map(({ name, integrated }) => [name, integrated])).toEqual([
    ['Navi 23 [Radeon RX 6600]', false],
    ['UHD Graphics 630', true],
  ]);
});

test('Apple and Arc count as cards of their own', () => {
  const cards = cardsAmong([
    { vendor: 'Apple', model: 'Apple M2 Pro', vramDynamic: true },
    { vendor: 'Intel Corporation', model: 'DG2 [Arc A770]', vramDynamic: false },
  ]);
  expect(cards.map(({ integrated }) => integrated)).toEqual([false, false]);
});
