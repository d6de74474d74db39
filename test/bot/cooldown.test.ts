import { expect, test } from 'vitest';
import { Cooldown } from '../../src/bot/cooldown.js';

function cooldownAt(seconds: number): { cooldown: Cooldown; clock: { now: number } } {
  const clock = { now: 1_000_000 };
  return { cooldown: new Cooldown(seconds, () => clock.now), clock };
}

test('a member waits, and is told how many seconds are left', () => {
  const { cooldown, clock } = cooldownAt(10);
  expect(cooldown.use('ann')).toBe(0);
  expect(cooldown.use('ann')).toBe(10);
  clock.now += 500;
  expect(cooldown.use('ann')).toBe(10);
  clock.now += 9000;
  expect(cooldown.use('ann')).toBe(1);
  clock.now += 500;
  expect(cooldown.use('ann')).toBe(0);
  expect(cooldown.use('ann')).toBe(10);
});

test('asking too early does not make the wait longer', () => {
  const { cooldown, clock } = cooldownAt(10);
  cooldown.use('ann');
  clock.now += 6000;
  expect(cooldown.use('ann')).toBe(4);
  clock.now += 4000;
  expect(cooldown.use('ann')).toBe(0);
});

test('members do not wait for each other', () => {
  const { cooldown } = cooldownAt(10);
  expect(cooldown.use('ann')).toBe(0);
  expect(cooldown.use('ben')).toBe(0);
});

test('without a pause nobody waits', () => {
  const { cooldown } = cooldownAt(0);
  expect(cooldown.use('ann')).toBe(0);
  expect(cooldown.use('ann')).toBe(0);
});

test('a clock that is set back makes nobody wait longer than the pause', () => {
  const { cooldown, clock } = cooldownAt(10);
  cooldown.use('ann');
  clock.now -= 3_600_000;
  expect(cooldown.use('ann')).toBe(10);
});

test('of very many members the earliest are let go', () => {
  const { cooldown } = cooldownAt(3600);
  for (let member = 0; member < 10_001; member++) {
    expect(cooldown.use(`member ${member}`)).toBe(0);
  }
  expect(cooldown.use('member 10000')).toBe(3600);
  expect(cooldown.use('member 0')).toBe(0);
});
