import { expect, test } from 'vitest';
import { JobEnded, RunningJobs } from '../../src/bot/running-jobs.js';

test('a job is known while its work is under way, and can be ended meanwhile', async () => {
  const jobs = new RunningJobs();
  const ended = jobs.run('1', 'member', async ({ signal }) => {
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
    return signal.reason as unknown;
  });
  expect(jobs.get('1')?.memberId).toBe('member');
  jobs.get('1')?.end('cancelled');
  const reason = await ended;
  expect(reason).toBeInstanceOf(JobEnded);
  expect(reason).toMatchObject({ why: 'cancelled' });
  expect(jobs.get('1')).toBeUndefined();
});

test('a job whose work fails is forgotten too', async () => {
  const jobs = new RunningJobs();
  await expect(jobs.run('1', 'member', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(jobs.get('1')).toBeUndefined();
  await jobs.idle();
});

test('idle waits for the last of them', async () => {
  const jobs = new RunningJobs();
  await jobs.idle();
  const finished: string[] = [];
  const work = (id: string): Promise<void> =>
    jobs.run(id, 'member', async ({ signal }) => {
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
      finished.push(id);
    });
  const all = [work('1'), work('2')];
  const idle = jobs.idle().then(() => finished.push('idle'));
  jobs.endAll('restarting');
  await Promise.all([...all, idle]);
  expect(finished).toEqual(['1', '2', 'idle']);
});
