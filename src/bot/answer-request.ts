import type { InteractionEditReplyOptions, Message } from 'discord.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { PICTURE_COMMANDS } from '../commands/picture-commands.js';
import type { Output } from '../inference/inference.js';
import { translateTo, type Translate } from '../locales/locales.js';
import type { Answer, Progress } from '../task.js';
import {
  answerMessage,
  excuseMessage,
  growingMessage,
  sentenceMessage,
  unfinishedMessage,
  type AnswerMessageOptions,
} from './answer-message.js';
import type { BotContext } from './bot-context.js';
import { cancelRow } from './components.js';
import { isBlocked, isForbidden, isGone, isMessageGone, isRefused, isTooLarge } from './discord-errors.js';
import { LiveReply } from './live-reply.js';
import type { OriginalResponse } from './original-response.js';
import type { PictureSource } from './picture-source.js';
import { JobEnded, type RunningJob } from './running-jobs.js';
import { endingOf, mistakeCodeOf, sentenceOf, type Ending } from './sentences.js';
import { TOKEN_LIFE, type UnansweredRequest } from './unanswered/unanswered-request.js';
import { waitingPicture } from './waiting-picture.js';

/** The longer side of a posted picture. Pixels. */
const POSTED_SIDE = 2048;
/** What a message holds beside its picture: its text, alternative text, a long text as a file. Bytes. */
const MESSAGE_OVERHEAD = 64 * 1024;
/** The model has to be done this long before the token dies, so that Discord may still fail for a while. Milliseconds. */
const TIME_TO_DELIVER = 60_000;
/** Who has no answer this long before their token dies gets a sentence while that can be. Milliseconds. */
const LAST_MOMENT = 30_000;
/** Requests of before the start do not wait any longer for those before them. Milliseconds. */
const LONGEST_COURTESY = 5000;
/** A request during which the bot has died this often is not tried again. */
const MOST_STARTS = 2;

/** The order in which requests of before the start come into the queue. */
export interface PlaceInOrder {
  /** The one before is in the queue, or has ended. */
  readonly before: Promise<void>;
  /** This one is in the queue, or has ended. */
  readonly reached: () => void;
}

/** An acknowledged request while it is being answered. */
export interface AnsweringOptions {
  readonly bot: BotContext;
  readonly request: UnansweredRequest;
  readonly source: PictureSource;
  /** When it came, as `performance.now` tells it. */
  readonly received: number;
  readonly job: RunningJob;
  readonly response: OriginalResponse;
  /** Left out where requests come into the queue as soon as their picture is there. */
  readonly order?: PlaceInOrder;
}

interface Answering extends AnsweringOptions {
  readonly live: LiveReply<InteractionEditReplyOptions, Message>;
  readonly t: Translate;
  /** The words so far, which the member has been reading. */
  said: string;
}

/** How long a newcomer's answer may take, which has to be delivered while the interaction's token lives. Milliseconds. */
export const TIME_FOR_ANSWER = TOKEN_LIFE - TIME_TO_DELIVER;

/**
 * Brings an acknowledged request to its end: the place in the queue, the words as they come, the answer or a sentence.
 * The request is forgotten when that has been delivered. Never throws.
 */
export async function answerRequest(options: AnsweringOptions): Promise<void> {
  const { bot, request, job, response } = options;
  const live = new LiveReply<InteractionEditReplyOptions, Message>({
    edit: (message) => response.showProgress(message),
    deliver: (message) => response.deliver(message),
    onError: (error) => {
      if (isGone(error)) {
        job.end(endingOfGone(error));
      } else {
        bot.log.warn({ err: error, interaction: request.id }, 'the progress of an answer could not be shown');
      }
    },
  });
  const lastMoment = setTimeout(
    () => {
      job.end('tooLate');
    },
    request.expiresAt - LAST_MOMENT - Date.now(),
  );
  const answering = { ...options, live, t: translateTo(request.locale), said: '' };
  try {
    await answer(answering);
  } catch (error) {
    options.order?.reached();
    await excuse(answering, error);
  } finally {
    clearTimeout(lastMoment);
  }
  // A disk that hangs must not hold the place of a request that has ended.
  void bot.unanswered.forget(request.id);
}

async function answer(answering: Answering): Promise<void> {
  const { bot, request } = answering;
  if (request.starts >= MOST_STARTS) {
    throw new Error(`The bot has died ${request.starts} times during this request.`);
  }
  const given = await infer(answering);
  const message = await deliverAnswer(given, answering);
  bot.recent.rename(request.id, message.id);
  report(answering, given);
}

/** The model's answer; its picture is then held for further questions only. */
async function infer(answering: Answering): Promise<Answer> {
  const { bot, request, job, live, order, source, t } = answering;
  if (source.from === 'address') {
    live.show(() => sentenceMessage(t('progress.fetching'), [cancelRow(request.id, t)]));
  }
  const waiting = await waitingPicture(bot, source, job.signal);
  try {
    await (order && Promise.race([order.before, sleep(LONGEST_COURTESY, undefined, { ref: false })]));
    let started = false;
    const timeLeft = request.expiresAt - TIME_TO_DELIVER - Date.now();
    const inference = bot.inference.submit(
      { picture: waiting.forJob, task: request.task, output: outputFor(request) },
      {
        signal: job.signal,
        requester: request.memberId,
        finishBy: performance.now() + timeLeft,
        onProgress: (progress) => {
          if (progress.stage !== 'waiting') {
            if (!started) {
              started = true;
              void bot.unanswered.keep({ ...request, starts: request.starts + 1 });
            }
            answering.said = progress.text || answering.said;
          }
          live.show(() => progressMessage(progress, answering));
        },
      },
    );
    order?.reached();
    const given = await inference;
    const picture = waiting.obtained();
    if (picture !== undefined) {
      bot.recent.remember(request.id, picture);
    }
    return given;
  } catch (error) {
    const isOver = Date.now() >= request.expiresAt - TIME_TO_DELIVER;
    throw isOver && mistakeCodeOf(error) === 'timeLimit' ? new JobEnded('tooLate') : error;
  } finally {
    waiting.release();
  }
}

/** An answer whose files Discord does not take comes in words: those must not be lost for a picture's sake. */
async function deliverAnswer(given: Answer, answering: Answering): Promise<Message> {
  const { bot, live, request, response } = answering;
  const whole = finalMessage(given, answering, { mayAttach: request.mayAttachFiles });
  try {
    return await live.finish(whole);
  } catch (error) {
    if (isGone(error) || isBlocked(error) || (whole.files ?? []).length === 0) {
      throw error;
    }
    bot.log.warn({ interaction: request.id, err: error }, 'an answer goes without its files');
    const because = isTooLarge(error) ? 'fileTooLarge' : 'fileRefused';
    return response.deliver(
      finalMessage(given, answering, { mayAttach: false, ...(isForbidden(error) ? {} : { because }) }),
    );
  }
}

/** Says why there is no answer, where that can still be said. */
async function excuse(answering: Answering, error: unknown): Promise<void> {
  const { bot, request, response, t } = answering;
  // The answer's own message may be what is gone.
  const reason = isGone(error) ? new JobEnded(endingOfGone(error)) : error;
  const ending = endingOf(reason);
  const { kind } = request.task;
  const entry = { interaction: request.id, server: request.serverId, task: kind, ending };
  if (ending === 'fault') {
    bot.log.error({ ...entry, err: error }, 'a request failed');
  } else if (ending === 'host_failed') {
    bot.log.warn({ ...entry, err: error }, 'a picture could not be downloaded');
  } else {
    bot.log.info(entry, 'a request ended without an answer');
  }
  bot.metrics.ended(kind, ending, mistakeCodeOf(error));
  const why = reason instanceof JobEnded ? reason.why : undefined;
  const sentence = sentenceOf(reason, t);
  try {
    if (why === 'messageGone') {
      // After a crash nobody can say whether this was said: better not at all than twice.
      await bot.unanswered.forget(request.id);
      await response.tellPrivately(sentence);
    } else if (why !== 'unanswerable') {
      await deliverExcuse(answering, sentence, ending);
    }
  } catch (undeliverable) {
    if (!isGone(undeliverable)) {
      bot.log.error({ ...entry, err: undeliverable }, 'a member could not be told why there is no answer');
    }
  }
}

/** The sentence, below the words that the member has been reading. */
async function deliverExcuse(
  { request, response, live, t, said }: Answering,
  sentence: string,
  ending: Ending,
): Promise<void> {
  const { task, picture } = request;
  // Moderation may have stopped the words themselves.
  const alone = excuseMessage(sentence, ending === 'blocked' ? '' : wordsFromForm(request), t);
  if (said === '' || ending === 'blocked') {
    await live.finish(alone);
    return;
  }
  const shown = { verbatim: task.kind === 'ocr', spoiler: picture.spoiler, sentence };
  try {
    await live.finish(unfinishedMessage(said, shown, t));
  } catch (error) {
    if (!isRefused(error)) {
      throw error;
    }
    await response.deliver(alone);
  }
}

/** What a member typed and has nowhere else any more; a command stands in Discord's history of what was typed. */
function wordsFromForm({ task, fromForm = false }: UnansweredRequest): string {
  if (!fromForm) {
    return '';
  }
  return task.kind === 'ask' ? task.question : 'objects' in task ? task.objects.join(', ') : '';
}

function endingOfGone(error: unknown): 'messageGone' | 'unanswerable' {
  return isMessageGone(error) ? 'messageGone' : 'unanswerable';
}

function report({ bot, request, received }: Answering, given: Answer): void {
  const { timings, finish } = given;
  const took = performance.now() - received;
  bot.metrics.answered(given, took);
  bot.log.info(
    { interaction: request.id, server: request.serverId, task: request.task.kind, finish, took, timings },
    'a request was answered',
  );
}

function outputFor({ attachmentSizeLimit, mayAttachFiles, pictureShown }: UnansweredRequest): Output {
  return {
    mediaType: 'image/jpeg',
    longestSide: POSTED_SIDE,
    maxBytes: attachmentSizeLimit - MESSAGE_OVERHEAD,
    always: !pictureShown && mayAttachFiles,
    masks: false,
  };
}

function finalMessage(
  given: Answer,
  { request, t }: Answering,
  files: Pick<AnswerMessageOptions, 'mayAttach' | 'because'>,
): InteractionEditReplyOptions {
  const { kind } = request.task;
  return answerMessage(
    {
      kind,
      reply: PICTURE_COMMANDS[kind].reply(given, t),
      picture: given.picture,
      posted: given.detections.length > 0 ? 'drawn' : 'copy',
      spoiler: request.picture.spoiler,
      ...files,
    },
    t,
  );
}

function progressMessage(progress: Progress, { request, t }: Answering): InteractionEditReplyOptions {
  const cancel = [cancelRow(request.id, t)];
  if (progress.stage === 'waiting') {
    return sentenceMessage(t('progress.waiting', { place: progress.place }), cancel);
  }
  const { picture, task } = request;
  return progress.text === ''
    ? sentenceMessage(t('progress.looking'), cancel)
    : growingMessage(progress.text, { verbatim: task.kind === 'ocr', spoiler: picture.spoiler }, cancel);
}
