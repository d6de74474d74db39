import { expect, test } from 'vitest';
import { statusReport, type Status } from '../../src/commands/status.js';
import { translateTo, TRANSLATIONS } from '../../src/locales/locales.js';

const STATUS: Status = {
  model: 'paligemma2-3b-mix-448',
  provider: 'cpu, q4',
  waiting: 3,
  running: 1,
  medians: { describe: 2540, ask: 61_000 },
  startedAt: new Date('2026-01-02T03:04:05.678Z'),
  workerRestarts: 2,
  gatewayMemory: 150.4 * 2 ** 20,
};

test('the status is what its owner wants to know, a line each', () => {
  expect(statusReport(STATUS, translateTo('en')).split('\n')).toEqual([
    '**Model:** `paligemma2-3b-mix-448`',
    '**Runs on:** cpu, q4',
    '**Queue:** 3 waiting, 1 running',
    '**Median times:** /describe: 2.5 s, /ask: 61 s',
    `**Started:** <t:${Date.UTC(2026, 0, 2, 3, 4, 5) / 1000}:R>`,
    '**Worker restarts:** 2',
    '**Memory of the gateway process:** 150 MiB',
  ]);
});

test('the status names commands and numbers as the owner sees them', () => {
  const german = statusReport(STATUS, translateTo('de'));
  expect(german).toContain('/beschreiben: 2,5 s, /fragen: 61 s');
  expect(german).toContain('3 in der Schlange, 1 in Arbeit');
});

test('the status says that nothing was answered yet', () => {
  expect(statusReport({ ...STATUS, medians: {} }, translateTo('en'))).toContain(
    '**Median times:** nothing answered yet',
  );
});

test('no name of a folder leaves its frame', () => {
  const report = statusReport({ ...STATUS, model: '``a` **b**' }, translateTo('en'));
  expect(report.split('\n')[0]).toBe('**Model:** `a **b**`');
});

test.each(Object.keys(TRANSLATIONS))(
  'the status has its seven lines and no blank in %s, within a message',
  (locale) => {
    const report = statusReport(
      { ...STATUS, medians: { describe: 1, ocr: 2, ask: 3, detect: 4, segment: 5 } },
      translateTo(locale),
    );
    expect(report.split('\n')).toHaveLength(7);
    expect(report).not.toMatch(/[{}]|status\./);
    expect(report.length).toBeLessThan(2000);
  },
);
