import { expect, test } from 'vitest';
import { Metrics } from '../../src/monitoring/metrics.js';
import type { Answer } from '../../src/task.js';

const answer: Answer = {
  task: { kind: 'describe', language: 'en', length: 'short' },
  text: 'a red circle',
  detections: [],
  finish: 'complete',
  size: { width: 224, height: 224 },
  firstFrameOnly: false,
  timings: { decode: 100, vision: 400, prefill: 500, decodePerToken: 100, tokens: 5 },
};

async function linesOf(metrics: Metrics): Promise<string[]> {
  const text = await metrics.text();
  return text.split('\n').filter((line) => line.startsWith('glimpse_'));
}

test('requests are counted by command and outcome, mistakes by their code', async () => {
  const metrics = new Metrics();
  metrics.answered(answer);
  metrics.answered({ ...answer, finish: 'cut off' });
  metrics.answered({ ...answer, finish: 'nothing found', task: { kind: 'ocr' } });
  metrics.answered({ ...answer, finish: 'refused', task: { kind: 'ocr' } });
  metrics.ended('ask', 'mistake', 'questionTooLong');
  metrics.ended('ask', 'mistake');
  metrics.ended('ask', 'cancelled');
  metrics.ended('ask', 'fault');
  const lines = await linesOf(metrics);
  expect(lines.filter((line) => line.startsWith('glimpse_requests_total'))).toStrictEqual([
    'glimpse_requests_total{command="describe",outcome="answered",mistake=""} 2',
    'glimpse_requests_total{command="ocr",outcome="nothing_found",mistake=""} 1',
    'glimpse_requests_total{command="ocr",outcome="refused",mistake=""} 1',
    'glimpse_requests_total{command="ask",outcome="mistake",mistake="questionTooLong"} 1',
    'glimpse_requests_total{command="ask",outcome="mistake",mistake=""} 1',
    'glimpse_requests_total{command="ask",outcome="cancelled",mistake=""} 1',
    'glimpse_requests_total{command="ask",outcome="fault",mistake=""} 1',
  ]);
});

test('durations come in as milliseconds and are told in seconds', async () => {
  const metrics = new Metrics();
  metrics.answered(answer, 4000);
  metrics.waited(2500);
  metrics.acknowledged(150);
  metrics.downloaded(1_000_000, 750);
  expect(await linesOf(metrics)).toEqual(
    expect.arrayContaining([
      'glimpse_inference_seconds_sum{task="describe"} 1.5',
      'glimpse_answer_seconds_sum{task="describe"} 4',
      'glimpse_answer_seconds_count{task="describe"} 1',
      'glimpse_wait_seconds_sum 2.5',
      'glimpse_acknowledgement_seconds_sum 0.15',
      'glimpse_download_seconds_sum 0.75',
      'glimpse_download_bytes_sum 1000000',
      'glimpse_generated_tokens_total 5',
    ]),
  );
});

test('the queue is looked at when the figures are collected', async () => {
  const metrics = new Metrics();
  expect(await linesOf(metrics)).toEqual(expect.arrayContaining(['glimpse_jobs_waiting 0']));
  let waiting = 3;
  metrics.watchQueue(() => ({ waiting, running: 1 }));
  expect(await linesOf(metrics)).toEqual(
    expect.arrayContaining(['glimpse_jobs_waiting 3', 'glimpse_jobs_running 1']),
  );
  waiting = 0;
  expect(await linesOf(metrics)).toEqual(expect.arrayContaining(['glimpse_jobs_waiting 0']));
});

test('restarts of the worker are counted', async () => {
  const metrics = new Metrics();
  metrics.workerRestarted();
  expect(await linesOf(metrics)).toEqual(expect.arrayContaining(['glimpse_worker_restarts_total 1']));
});

test('the process and its event loop are watched, and two registries keep apart', async () => {
  const [one, other] = [new Metrics(), new Metrics()];
  one.workerRestarted();
  const text = await other.text();
  expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m);
  expect(text).toMatch(/^process_resident_memory_bytes /m);
  expect(text).toContain('glimpse_worker_restarts_total 0');
  expect(other.contentType).toContain('text/plain');
});
