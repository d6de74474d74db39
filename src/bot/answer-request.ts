import type { InteractionEditReplyOptions, Message } from 'discord.js';
import { PICTURE_COMMANDS } from '../commands/picture-commands.js';
import type { Output } from '../inference/inference.js';
import { translateTo, type Translate } from '../locales/locales.js';
import type { Answer, Progress } from '../task.js';
import { answerMessage, excuseMessage, growingMessage, sentenceMessage } from './answer-message.js';
import type { BotContext } from './bot-context.js';
import { cancelRow } from './components.js';
import { isForbidden, isGone, isMessageGone } from './discord-errors.js';
import { LiveReply } from './live-reply.js';
import type { OriginalResponse } from './original-response.js';
import { obtainPicture, type PictureSource } from './picture-source.js';
import { JobEnded, type RunningJob } from './running-jobs.js';
import { endingOf, mistakeCodeOf, sentenceOf } from './sentences.js';
import type { UnansweredRequest } from './unanswered/unanswered-request.js';

/** The longer side of a posted picture. Pixels. */
const POSTED_SIDE = 2048;
/** What a message holds beside its picture: its text, alternative text, a long text as a file. Bytes. */
const MESSAGE_OVERHEAD = 64 * 1024;
/** Who has no answer this long before their token dies gets a sentence while that can be. Milliseconds. */
const LAST_MOMENT = 60_000;
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
}

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
  const answering = { ...options, live, t: translateTo(request.locale) };
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
  const { bot, request, job, live, order, source, t } = answering;
  if (request.starts >= MOST_STARTS) {
    throw new Error(`The bot has died ${request.starts} times during this request.`);
  }
  if (source.from === 'address') {
    live.show(() => sentenceMessage(t('progress.fetching'), [cancelRow(request.id, t)]));
  }
  const picture = await obtainPicture(bot, source, job.signal);
  await order?.before;
  let started = false;
  const inference = bot.inference.submit(
    { picture: picture.bytes, task: request.task, output: outputFor(request) },
    {
      signal: job.signal,
      requester: request.memberId,
      onProgress: (progress) => {
        if (!started && progress.stage !== 'waiting') {
          started = true;
          void bot.unanswered.keep({ ...request, starts: request.starts + 1 });
        }
        live.show(() => progressMessage(progress, answering));
      },
    },
  );
  order?.reached();
  const given = await inference;
  const message = await deliver(given, answering);
  bot.recent.remember(message.id, picture);
  report(answering, given);
}

/** An answer whose picture may not be posted is posted without. */
async function deliver(given: Answer, answering: Answering): Promise<Message> {
  const { live, request, response } = answering;
  try {
    return await live.finish(finalMessage(given, answering, request.mayAttachFiles));
  } catch (error) {
    if (!isForbidden(error) || !request.mayAttachFiles) {
      throw error;
    }
    return response.deliver(finalMessage(given, answering, false));
  }
}

/** Says why there is no answer, where that can still be said. */
async function excuse({ bot, request, response, live, t }: Answering, error: unknown): Promise<void> {
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
      await live.finish(excuseMessage(sentence, t));
    }
  } catch (undeliverable) {
    if (!isGone(undeliverable)) {
      bot.log.error({ ...entry, err: undeliverable }, 'a member could not be told why there is no answer');
    }
  }
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
  mayAttach: boolean,
): InteractionEditReplyOptions {
  const { kind } = request.task;
  return answerMessage(
    {
      kind,
      reply: PICTURE_COMMANDS[kind].reply(given, t),
      picture: given.picture,
      posted: given.detections.length > 0 ? 'drawn' : 'copy',
      spoiler: request.picture.spoiler,
      mayAttach,
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
