import { answerRequest, type PlaceInOrder } from './answer-request.js';
import type { BotContext } from './bot-context.js';
import { isGone, isMessageGone } from './discord-errors.js';
import { OriginalResponse } from './original-response.js';
import type { RunningJob } from './running-jobs.js';
import type { UnansweredRequest } from './unanswered/unanswered-request.js';

/** With less time left than this, nothing can be answered any more. Milliseconds. */
const TOO_LATE = 5000;

/**
 * Answers the requests that a process which died has left behind, in the order in which they came. Resolves when all of
 * them are known as running jobs, so that they count before newcomers do and their members can cancel them.
 */
export async function resumeUnanswered(bot: BotContext): Promise<void> {
  const requests = await bot.unanswered.all();
  let before = Promise.resolve();
  for (const request of requests) {
    if (request.expiresAt - Date.now() < TOO_LATE) {
      expire(bot, request);
    } else if (request.applicationId === bot.client.application.id) {
      const place = placeAfter(before);
      before = place.passed;
      void bot.jobs
        .run(request.id, request.memberId, (job) => resume(bot, request, job, place))
        .catch((error: unknown) => {
          bot.log.error({ err: error, interaction: request.id }, 'a request of before the start failed');
        })
        .finally(place.reached);
    }
  }
  if (requests.length > 0) {
    bot.log.info({ requests: requests.length }, 'requests of before the start were found');
  }
}

function placeAfter(before: Promise<void>): PlaceInOrder & { readonly passed: Promise<void> } {
  let reached = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    reached = resolve;
  });
  return { before, reached, passed };
}

async function resume(
  bot: BotContext,
  request: UnansweredRequest,
  job: RunningJob,
  order: PlaceInOrder,
): Promise<void> {
  const response = new OriginalResponse(bot.client, request);
  try {
    if (!(await response.isUnanswered())) {
      // The process died between the answer and its own note of it.
      await bot.unanswered.forget(request.id);
      bot.log.info({ interaction: request.id }, 'a request of before the start is answered already');
      return;
    }
  } catch (error) {
    if (isMessageGone(error)) {
      job.end('messageGone');
    } else if (!isGone(error)) {
      throw error;
    } else if (!(await response.acknowledgeLate())) {
      expire(bot, request);
      return;
    }
  }
  const source = { from: 'address', picture: request.picture } as const;
  await answerRequest({ bot, request, source, received: performance.now(), job, response, order });
}

function expire(bot: BotContext, { id, serverId, task }: UnansweredRequest): void {
  void bot.unanswered.forget(id);
  bot.log.warn(
    { interaction: id, server: serverId, task: task.kind },
    'a request expired while the bot was away',
  );
  bot.metrics.ended(task.kind, 'expired');
}
