import {
  MessageFlags,
  PermissionFlagsBits,
  type InteractionEditReplyOptions,
  type Message,
} from 'discord.js';
import type { PictureCommand, TaskWords } from '../commands/picture-command.js';
import { UserError } from '../errors.js';
import type { Output } from '../inference/inference.js';
import { translateTo, type Translate } from '../locales/locales.js';
import type { Answer, Progress, Task } from '../task.js';
import { answerMessage, excuseMessage, growingMessage, sentenceMessage } from './answer-message.js';
import type { BotContext } from './bot-context.js';
import { cancelRow } from './components.js';
import { isGone } from './discord-errors.js';
import type { AnswerableInteraction } from './interactions.js';
import { LiveReply } from './live-reply.js';
import { obtainPicture, refuseTooLarge, type PictureSource } from './picture-source.js';
import { JobEnded, type RunningJob } from './running-jobs.js';
import { endingOf, mistakeCodeOf, sentenceOf } from './sentences.js';

/** The longer side of a posted picture. Pixels. */
const POSTED_SIDE = 2048;
/** What a message holds beside its picture: its text, alternative text, a long text as a file. Bytes. */
const MESSAGE_OVERHEAD = 64 * 1024;
/** An interaction's token lives 15 minutes; who has no answer by now gets a sentence while that can be. Milliseconds. */
const LAST_MOMENT = 14 * 60_000;

/** What a member wants to know about which picture. */
export interface PictureRequest {
  readonly command: PictureCommand;
  readonly words: TaskWords;
  readonly source: PictureSource;
  /** True where only the member sees the answer. */
  readonly private: boolean;
  /** True where the picture is on show already, and a copy of it would only repeat it. */
  readonly pictureShown: boolean;
  /** True where the answer takes the place of the message that the interaction came from. */
  readonly replacesMessage?: boolean;
}

/** One request while it is being answered. */
interface Answering extends PictureRequest {
  readonly bot: BotContext;
  readonly interaction: AnswerableInteraction;
  /** When it came, as `performance.now` tells it. */
  readonly received: number;
  readonly task: Task;
  readonly job: RunningJob;
  readonly live: LiveReply<InteractionEditReplyOptions, Message>;
  readonly t: Translate;
}

/**
 * Answers a request about a picture: acknowledged at once, then the place in the queue, the words as they come, and at
 * last the answer, or one sentence that says why there is none.
 *
 * @throws {UserError} before anything is acknowledged: the words make no task, or too many are waiting
 * @throws {JobEnded} the bot is being stopped
 */
export async function answerPicture(
  bot: BotContext,
  interaction: AnswerableInteraction,
  request: PictureRequest,
): Promise<void> {
  if (!bot.accepting) {
    throw new JobEnded('restarting');
  }
  const t = translateTo(interaction.locale);
  const memberId = interaction.user.id;
  const task = request.command.task(request.words, interaction.locale);
  refuseTooLarge(request.source, bot.config.limits.pictureMebibytes);
  bot.inference.refuseIfFull(task.kind, memberId);
  refuseDuringCooldown(bot, memberId);

  const received = performance.now();
  await bot.jobs.run(interaction.id, memberId, async (job) => {
    await acknowledge(interaction, request, job, t);
    bot.metrics.acknowledged(performance.now() - received);
    const live = new LiveReply<InteractionEditReplyOptions, Message>({
      edit: (message) => interaction.editReply(message),
      onError: (error) => {
        if (isGone(error)) {
          job.end('messageGone');
        } else {
          bot.log.warn(
            { err: error, interaction: interaction.id },
            'the progress of an answer could not be shown',
          );
        }
      },
    });
    const lastMoment = setTimeout(() => {
      job.end('tooLate');
    }, LAST_MOMENT);
    try {
      await answer({ ...request, bot, interaction, received, task, job, live, t });
    } finally {
      clearTimeout(lastMoment);
    }
  });
}

async function acknowledge(
  interaction: AnswerableInteraction,
  request: PictureRequest,
  job: RunningJob,
  t: Translate,
): Promise<void> {
  if (request.replacesMessage === true && interaction.isMessageComponent()) {
    const { content, components } = sentenceMessage(t('progress.fetching'), [cancelRow(job.id, t)]);
    await interaction.update({ content: content ?? '', components: components ?? [] });
  } else {
    await interaction.deferReply(request.private ? { flags: MessageFlags.Ephemeral } : {});
  }
}

async function answer(answering: Answering): Promise<void> {
  const { bot, interaction, task, job, live, source } = answering;
  try {
    const picture = await obtainPicture(bot, source, job.signal);
    const given = await bot.inference.submit(
      { picture: picture.bytes, task, output: outputFor(answering) },
      {
        signal: job.signal,
        requester: interaction.user.id,
        onProgress: (progress) => {
          live.show(() => progressMessage(progress, answering, picture.spoiler));
        },
      },
    );
    const message = await live.finish(finalMessage(given, answering, picture.spoiler));
    bot.recent.remember(message.id, picture);
    report(answering, given);
  } catch (error) {
    await excuse(answering, error);
  }
}

/** Says why there is no answer, where that can still be said. */
async function excuse({ bot, interaction, live, task, t }: Answering, error: unknown): Promise<void> {
  // The answer's own message may be what is gone: a moderator has deleted it.
  const ending = isGone(error) ? 'cancelled' : endingOf(error);
  const entry = { interaction: interaction.id, server: interaction.guildId, task: task.kind, ending };
  if (ending === 'fault') {
    bot.log.error({ ...entry, err: error }, 'a request failed');
  } else {
    bot.log.info(entry, 'a request ended without an answer');
  }
  bot.metrics.ended(task.kind, ending, mistakeCodeOf(error));
  if (isGone(error)) {
    return;
  }
  try {
    await live.finish(excuseMessage(sentenceOf(error, t), t));
  } catch (undeliverable) {
    if (!isGone(undeliverable)) {
      bot.log.error({ ...entry, err: undeliverable }, 'a member could not be told why there is no answer');
    }
  }
}

function report({ bot, interaction, received, task }: Answering, given: Answer): void {
  const { timings, finish } = given;
  const took = performance.now() - received;
  bot.metrics.answered(given, took);
  bot.log.info(
    { interaction: interaction.id, server: interaction.guildId, task: task.kind, finish, took, timings },
    'a request was answered',
  );
}

function outputFor({ interaction, pictureShown }: Answering): Output {
  return {
    mediaType: 'image/jpeg',
    longestSide: POSTED_SIDE,
    maxBytes: interaction.attachmentSizeLimit - MESSAGE_OVERHEAD,
    always: !pictureShown && mayAttachFiles(interaction),
    masks: false,
  };
}

function finalMessage(
  given: Answer,
  { command, interaction, t }: Answering,
  spoiler: boolean,
): InteractionEditReplyOptions {
  return answerMessage(
    {
      kind: command.kind,
      reply: command.reply(given, t),
      picture: given.picture,
      posted: given.detections.length > 0 ? 'drawn' : 'copy',
      spoiler,
      mayAttach: mayAttachFiles(interaction),
    },
    t,
  );
}

function progressMessage(
  progress: Progress,
  { command, job, t }: Answering,
  spoiler: boolean,
): InteractionEditReplyOptions {
  const cancel = [cancelRow(job.id, t)];
  if (progress.stage === 'waiting') {
    return sentenceMessage(t('progress.waiting', { place: progress.place }), cancel);
  }
  return progress.text === ''
    ? sentenceMessage(t('progress.looking'), cancel)
    : growingMessage(progress.text, { verbatim: command.kind === 'ocr', spoiler }, cancel);
}

function mayAttachFiles(interaction: AnswerableInteraction): boolean {
  return interaction.appPermissions.has(PermissionFlagsBits.AttachFiles);
}

/** @throws {UserError} the member asked a moment ago */
function refuseDuringCooldown({ cooldown }: BotContext, memberId: string): void {
  const seconds = cooldown.use(memberId);
  if (seconds > 0) {
    throw new UserError(`Wait ${seconds} s before you ask again.`, {
      mistake: { code: 'cooldown', values: { seconds } },
    });
  }
}
