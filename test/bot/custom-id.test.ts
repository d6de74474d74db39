import { expect, test } from 'vitest';
import { ACTIONS, customId, readCustomId } from '../../src/bot/custom-id.js';

test('what is put into a custom id is read out of it', () => {
  expect(readCustomId(customId('form', 'ask', '1234567890'))).toEqual({
    action: 'form',
    details: ['ask', '1234567890'],
  });
  for (const action of ACTIONS) {
    expect(readCustomId(customId(action))).toEqual({ action, details: [] });
  }
});

test.each(['', 'rate:5', 'Cancel:1', '__proto__', 'constructor'])('%j is none of ours', (id) => {
  expect(readCustomId(id)).toBeUndefined();
});

test('one that Discord would refuse is never made', () => {
  expect(() => customId('cancel', 'x'.repeat(100))).toThrow(RangeError);
});
