import { describe, expect, test } from 'vitest';
import { choose, type Wishes } from '../../../src/inference/machine/choice.js';
import type { GraphicsCard } from '../../../src/inference/machine/graphics-cards.js';
import type { Machine } from '../../../src/inference/machine/machine.js';
import type { Footprint } from '../../../src/inference/paligemma/footprint.js';
import { UserError } from '../../../src/errors.js';

const GB = 1e9;
const NOTHING: Wishes = { provider: undefined, dtype: undefined, threads: undefined };
const q4: Footprint = { dtype: 'q4', weights: 2.4 * GB, workspace: 0.5 * GB, embeddings: 0.6 * GB };
const q8: Footprint = { ...q4, dtype: 'q8', weights: 3.4 * GB };
const fp32: Footprint = { ...q4, dtype: 'fp32', weights: 12 * GB, embeddings: 2.4 * GB };
const all = [fp32, q8, q4];

const nvidia: GraphicsCard = { name: 'NVIDIA GeForce RTX 4060', memory: 8 * GB, integrated: false };

function machine(memory: number, ...graphicsCards: GraphicsCard[]): Machine {
  return { memory, cores: 6, graphicsCards };
}

test('without a graphics card the processor computes, on all of its cores', () => {
  expect(choose(machine(32 * GB), all, NOTHING)).toMatchObject({
    provider: 'cpu',
    dtype: 'q8',
    threads: 6,
    fallback: undefined,
  });
});

test('a dtype that does not fit gives way to a smaller one, and the reason says what it would have needed', () => {
  const { dtype, reasons } = choose(machine(3 * GB), all, NOTHING);
  expect(dtype).toBe('q4');
  expect(reasons).toContain('Dtype q4: q8 would need 3.9 GB; it needs about 2.9 GB.');
});

test('a graphics card computes where there is one, and the processor where that fails to', () => {
  const choice = choose(machine(32 * GB, nvidia), all, NOTHING);
  expect(choice).toMatchObject({
    provider: 'webgpu',
    dtype: 'q8',
    fallback: { provider: 'cpu', dtype: 'q8' },
  });
  expect(choice.reasons[0]).toBe('Provider webgpu: There is a graphics card, NVIDIA GeForce RTX 4060.');
});

test('16-bit floats are for cards: one takes them first, the processor last', () => {
  const q4f16: Footprint = { ...q4, dtype: 'q4f16' };
  const folder = [...all, q4f16];
  expect(choose(machine(32 * GB, nvidia), folder, NOTHING)).toMatchObject({
    provider: 'webgpu',
    dtype: 'q4f16',
    fallback: { provider: 'cpu', dtype: 'q8' },
  });
  expect(choose(machine(32 * GB), folder, NOTHING)).toMatchObject({ provider: 'cpu', dtype: 'q8' });
  expect(choose(machine(32 * GB), [q4f16], NOTHING)).toMatchObject({ provider: 'cpu', dtype: 'q4f16' });
});

test('a card that has too little memory for any dtype is left alone, and the reason says so', () => {
  const small = { ...nvidia, memory: 2 * GB };
  const { provider, reasons } = choose(machine(32 * GB, small), all, NOTHING);
  expect(provider).toBe('cpu');
  expect(reasons[0]).toBe('Provider cpu: NVIDIA GeForce RTX 4060 has too little memory, 2.0 GB.');
});

test('on a small card the dtype that fits there is taken', () => {
  const small = { ...nvidia, memory: 3.5 * GB };
  expect(choose(machine(32 * GB, small), all, NOTHING)).toMatchObject({ provider: 'webgpu', dtype: 'q4' });
});

test('a card that does not tell its memory is tried', () => {
  const silent = { ...nvidia, memory: undefined };
  expect(choose(machine(32 * GB, silent), all, NOTHING)).toMatchObject({ provider: 'webgpu' });
});

test('a card in the processor is left alone, and the reason says how to try it', () => {
  const integrated = { name: 'Intel UHD Graphics 630', memory: undefined, integrated: true };
  const { provider, reasons } = choose(machine(32 * GB, integrated), all, NOTHING);
  expect(provider).toBe('cpu');
  expect(reasons[0]).toContain('PROVIDER=webgpu tries it');
});

test('what the owner asks for is done, and nothing else tried instead', () => {
  const choice = choose(machine(32 * GB, nvidia), all, { provider: 'cpu', dtype: 'fp32', threads: 3 });
  expect(choice).toMatchObject({ provider: 'cpu', dtype: 'fp32', threads: 3, fallback: undefined });
  expect(choice.reasons).toEqual([
    'Provider cpu: PROVIDER=cpu asks for it.',
    'Dtype fp32: DTYPE=fp32 asks for it.',
    'Threads 3: THREADS=3 asks for it.',
  ]);
});

test('a dtype that the folder lacks is refused with those that it has', () => {
  expect(() => choose(machine(32 * GB), [q8, q4], { ...NOTHING, dtype: 'fp16' })).toThrow(
    new UserError('The model is not there as fp16. What is there: q8, q4.'),
  );
});

test('a folder with a dtype of others only is run as it is', () => {
  const choice = choose(machine(32 * GB), [{ ...q4, dtype: undefined }], NOTHING);
  expect(choice.dtype).toBeUndefined();
});

test('a model that does not fit is refused with what would', () => {
  expect(() => choose(machine(2.7 * GB), all, NOTHING)).toThrow(
    new UserError(
      'The model as q4 needs about 2.9 GB of memory, and this machine has 2.7 GB free. ' +
        'The demo model would fit: leave MODEL out.',
    ),
  );
  expect(() => choose(machine(3.5 * GB), [fp32], NOTHING)).toThrow(
    'The model as fp32 needs about 12.5 GB of memory, and this machine has 3.5 GB free. ' +
      'What would fit: paligemma2-3b-mix-224 as q4 (3.4 GB).',
  );
  expect(() => choose(machine(0.5 * GB), all, NOTHING)).toThrow(/The demo model would fit/);
});

test('a model that is asked for on a card with too little memory is refused', () => {
  const wishes: Wishes = { ...NOTHING, provider: 'webgpu' };
  expect(() => choose(machine(32 * GB, { ...nvidia, memory: 2 * GB }), all, wishes)).toThrow(
    /and NVIDIA GeForce RTX 4060 has 2\.0 GB free/,
  );
});

test('a machine too small for the embeddings beside a card is refused', () => {
  const wishes: Wishes = { ...NOTHING, provider: 'webgpu' };
  expect(() => choose(machine(0.3 * GB, nvidia), all, wishes)).toThrow(UserError);
});

describe('a good card in a machine with little memory', () => {
  const large: GraphicsCard = { name: 'NVIDIA GeForce RTX 4090', memory: 23 * GB, integrated: false };
  const tenBillion: Footprint = { ...q8, weights: 10.4 * GB, workspace: 0.7 * GB, embeddings: 1 * GB };

  test('is used, without the processor to fall back on, and the reasons say so', () => {
    const choice = choose(machine(8 * GB, large), [tenBillion], NOTHING);
    expect(choice).toMatchObject({ provider: 'webgpu', dtype: 'q8', fallback: undefined });
    expect(choice.reasons.at(-1)).toBe(
      'Nothing takes the place of NVIDIA GeForce RTX 4090 should it fail: on the processor the model needs ' +
        'about 11.1 GB, and this machine has 8.0 GB free.',
    );
  });

  test('falls back on the processor with a dtype that fits there', () => {
    const choice = choose(machine(3 * GB, large), all, NOTHING);
    expect(choice).toMatchObject({
      provider: 'webgpu',
      dtype: 'q8',
      fallback: { provider: 'cpu', dtype: 'q4' },
    });
  });

  test('is left alone where the machine can not even hold what stays beside it', () => {
    expect(() => choose(machine(0.5 * GB, large), all, NOTHING)).toThrow(/this machine has 0\.5 GB free/);
  });
});

describe('a card that computes in the memory of the machine', () => {
  const apple: GraphicsCard = { name: 'Apple M2', memory: undefined, integrated: false };
  const intel: GraphicsCard = { name: 'Intel Iris Xe', memory: undefined, integrated: true };
  const radeon: GraphicsCard = { name: 'AMD Radeon Graphics', memory: 16 * GB, integrated: true };
  const webgpu: Wishes = { ...NOTHING, provider: 'webgpu' };

  test.each([apple, intel, radeon])('$name needs there all that a model takes', (card) => {
    // q4 takes 2.4 + 0.5 + 0.6 GB.
    expect(choose(machine(3.6 * GB, card), all, webgpu)).toMatchObject({ provider: 'webgpu', dtype: 'q4' });
    expect(() => choose(machine(3.4 * GB, card), all, webgpu)).toThrow(
      /^The model as q4 needs about 3\.5 GB of memory, and this machine has 3\.4 GB free\./,
    );
  });

  test('an Apple is chosen by itself where the model fits, with what fits', () => {
    expect(choose(machine(16 * GB, apple), all, NOTHING)).toMatchObject({ provider: 'webgpu', dtype: 'q8' });
    expect(choose(machine(4 * GB, apple), all, NOTHING)).toMatchObject({ provider: 'webgpu', dtype: 'q4' });
  });

  test('an Apple on which only the processor has room is left alone, and the reason says so', () => {
    const { provider, reasons } = choose(machine(3 * GB, apple), all, NOTHING);
    expect(provider).toBe('cpu');
    expect(reasons[0]).toBe('Provider cpu: This machine has too little memory for Apple M2, 3.0 GB.');
  });
});

test('a card needs what a footprint says of cards', () => {
  const measured = { ...q4, onCard: 4.5 * GB };
  expect(choose(machine(32 * GB, { ...nvidia, memory: 4.2 * GB }), [measured], NOTHING).provider).toBe('cpu');
  expect(choose(machine(32 * GB, { ...nvidia, memory: 4.6 * GB }), [measured], NOTHING).provider).toBe(
    'webgpu',
  );
});
