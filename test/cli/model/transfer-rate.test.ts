import { expect, test } from 'vitest';
import { TransferRate } from '../../../src/cli/model/transfer-rate.js';

test('speed and time left are those of the last ten seconds', () => {
  const rate = new TransferRate();
  expect(rate.describe('downloading', 0, 6e9, 0)).toBe('[                        ] 0 %, 0.00 of 6.00 GB');
  expect(rate.describe('downloading', 1e9, 6e9, 10_000)).toBe(
    '[====                    ] 16 %, 1.00 of 6.00 GB, 100.0 MB/s, 50 s left',
  );
  expect(rate.describe('downloading', 1.1e9, 6e9, 20_000)).toContain('10.0 MB/s, 8 min 10 s left');
});

test('a stage is measured by itself', () => {
  const rate = new TransferRate();
  rate.describe('downloading', 6e9, 6e9, 0);
  expect(rate.describe('converting', 0, 3e9, 1000)).toBe('[                        ] 0 %, 0.00 of 3.00 GB');
  expect(rate.describe('converting', 3e9, 3e9, 2000)).toContain('100 %');
});

test('what goes backwards has no speed', () => {
  const rate = new TransferRate();
  rate.describe('downloading', 100, 1000, 0);
  expect(rate.describe('downloading', 50, 1000, 100)).not.toContain('MB/s');
});
