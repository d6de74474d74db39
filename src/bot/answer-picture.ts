import { MessageFlags, PermissionFlagsBits } from 'discord.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PictureCommand, TaskWords } from '../commands/picture-command.js';
import { translateTo } from '../locales/locales.js';
import type { Task } from '../task.js';
import { admit } from './admission.js';
import { sentenceMessage } from './answer-message.js';
import { answerRequest } from './answer-request.js';
import type { BotContext } from './bot-context.js';
import { cancelRow } from './components.js';
import { isPassing, retryAfterOf } from './discord-errors.js';
import type { AnswerableInteraction } from './interactions.js';
import { OriginalResponse } from './original-response.js';
import { refuseUnobtainable, type PictureSource } from './picture-source.js';
import { TOKEN_LIFE, type UnansweredRequest } from './unanswered/unanswered-request.js';

/** Between two tries of a first response, for which Discord waits 3 seconds. Milliseconds. */
const RETRY_DELAY = 300;
const MOST_TRIES = 4;
/** A disk that is slower than this must not cost the first response. Milliseconds. */
const LONGEST_KEEPING = 1000;

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

/**
 * Answers a request about a picture: on disk before it is acknowledged, so that it is answered even if this process
 * dies; acknowledged at once; then the place in the queue, the words as they come, and at last the answer, or one
 * sentence that says why there is none.
 *
 * @throws {UserError} before anything is acknowledged: the words make no task, the picture will not be downloaded, or too
 *   many are waiting
 * @throws {JobEnded} the bot is being stopped
 */
export async function answerPicture(
  bot: BotContext,
  interaction: AnswerableInteraction,
  wanted: PictureRequest,
): Promise<void> {
  const task = wanted.command.task(wanted.words, interaction.locale);
  refuseUnobtainable(wanted.source, bot.config);
  admit(bot, task.kind, interaction.user.id);

  const received = performance.now();
  const request = requestOf(interaction, wanted, task);
  await bot.jobs.run(request.id, request.memberId, async (job) => {
    await Promise.race([bot.unanswered.keep(request), sleep(LONGEST_KEEPING, undefined, { ref: false })]);
    try {
      await acknowledge(bot, interaction, wanted);
    } catch (error) {
      void bot.unanswered.forget(request.id);
      throw error;
    }
    bot.metrics.acknowledged(performance.now() - received);
    const response = new OriginalResponse(bot.client, request);
    await answerRequest({ bot, request, received, job, response, source: wanted.source });
  });
}

function requestOf(
  interaction: AnswerableInteraction,
  { source, ...wanted }: PictureRequest,
  task: Task,
): UnansweredRequest {
  const { url, spoiler } = source.picture;
  return {
    id: interaction.id,
    applicationId: interaction.applicationId,
    token: interaction.token,
    expiresAt: Date.now() + TOKEN_LIFE,
    task,
    picture: { url, spoiler },
    memberId: interaction.user.id,
    serverId: interaction.guildId,
    locale: interaction.locale,
    attachmentSizeLimit: interaction.attachmentSizeLimit,
    mayAttachFiles: interaction.appPermissions.has(PermissionFlagsBits.AttachFiles),
    private: wanted.private,
    pictureShown: wanted.pictureShown,
    fromForm: interaction.isModalSubmit(),
    starts: 0,
  };
}

/** What fails on its way is tried again at once, since Discord waits 3 seconds only. */
async function acknowledge(
  { firstResponses }: BotContext,
  interaction: AnswerableInteraction,
  wanted: PictureRequest,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await respond(interaction, wanted);
      return;
    } catch (error) {
      if (firstResponses.isOurs(error, interaction.id)) {
        return;
      }
      if (!isPassing(error) || retryAfterOf(error) > 0 || tries === MOST_TRIES) {
        throw error;
      }
      firstResponses.repeats(interaction.id);
      await sleep(RETRY_DELAY);
    }
  }
}

async function respond(interaction: AnswerableInteraction, wanted: PictureRequest): Promise<void> {
  if (wanted.replacesMessage === true && interaction.isMessageComponent()) {
    const t = translateTo(interaction.locale);
    const { content, components } = sentenceMessage(t('progress.fetching'), [cancelRow(interaction.id, t)]);
    await interaction.update({ content: content ?? '', components: components ?? [] });
  } else {
    await interaction.deferReply(wanted.private ? { flags: MessageFlags.Ephemeral } : {});
  }
}
