import { UserError } from '../errors.js';
import { queueFull, tooManyOfYours } from '../inference/queue-refusals.js';
import type { Task } from '../task.js';
import { TIME_FOR_ANSWER } from './answer-request.js';
import type { BotContext } from './bot-context.js';
import { JobEnded } from './running-jobs.js';

/**
 * Says before anything is promised that a request is not taken. Those whose picture is still being downloaded and those
 * whose answer is still being delivered count as well as those in the queue: each holds a picture in memory.
 *
 * @throws {UserError} too many are waiting, too many of this member, or the member asked a moment ago
 * @throws {JobEnded} the bot is being stopped
 */
export function admit(bot: BotContext, kind: Task['kind'], memberId: string): void {
  const { accepting, config, cooldown, inference, jobs } = bot;
  if (!accepting) {
    throw new JobEnded('restarting');
  }
  inference.refuseIfFull(kind, memberId, performance.now() + TIME_FOR_ANSWER);
  const { perMember, waiting } = config.limits;
  const theirs = jobs.countOf(memberId);
  if (theirs >= perMember) {
    throw tooManyOfYours(theirs);
  }
  // One is being looked at while the others wait.
  if (jobs.size > waiting) {
    throw queueFull(jobs.size - 1);
  }
  const seconds = cooldown.use(memberId);
  if (seconds > 0) {
    throw new UserError(`Wait ${seconds} s before you ask again.`, {
      mistake: { code: 'cooldown', values: { seconds } },
    });
  }
}
