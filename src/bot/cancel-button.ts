import {
  InteractionContextType,
  MessageFlags,
  PermissionFlagsBits,
  Routes,
  type APIMessage,
  type ButtonInteraction,
} from 'discord.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { translateTo } from '../locales/locales.js';
import { isTheirs, refuseUnlessTheirs } from './answer-owner.js';
import type { BotContext } from './bot-context.js';
import { customId } from './custom-id.js';

/** Discord waits 3 seconds for the response that comes after it. Milliseconds. */
const LONGEST_CLEANING = 1000;
const TO_READ = [PermissionFlagsBits.ViewChannel, PermissionFlagsBits.ReadMessageHistory];

/** "Cancel" under an answer that is being made. */
export async function onCancel(
  bot: BotContext,
  interaction: ButtonInteraction,
  jobId: string | undefined,
): Promise<void> {
  const job = bot.jobs.get(jobId ?? '');
  if (job === undefined) {
    await onLateCancel(bot, interaction, jobId ?? '');
    return;
  }
  refuseUnlessTheirs(interaction, job.memberId);
  // First of all: a Discord that does not take the response must not keep the job running.
  job.end('cancelled');
  try {
    await interaction.deferUpdate();
  } catch (error) {
    bot.log.warn(
      { err: error, interaction: interaction.id },
      'a click on "Cancel" could not be acknowledged',
    );
  }
}

/**
 * A click that comes when nothing is running any more. By then the message may hold the answer, whatever it held when it
 * was clicked on; so it is changed only where it is looked at and still waits.
 */
async function onLateCancel(bot: BotContext, interaction: ButtonInteraction, jobId: string): Promise<void> {
  const sentence = translateTo(interaction.locale)('refusals.alreadyEnded');
  const askedBy = interaction.message.interactionMetadata?.user.id;
  if (askedBy === undefined || isTheirs(interaction, askedBy)) {
    await Promise.race([
      endWaitingMessage(bot, interaction, { jobId, sentence }),
      sleep(LONGEST_CLEANING, undefined, { ref: false }),
    ]);
  }
  await interaction.reply({ content: sentence, flags: MessageFlags.Ephemeral });
}

/** Takes "Cancel" from a message that nobody will answer any more. Never throws: that it stays there does no harm. */
async function endWaitingMessage(
  { client, log }: BotContext,
  { id, message, channelId, guildId, context, appPermissions }: ButtonInteraction,
  { jobId, sentence }: { jobId: string; sentence: string },
): Promise<void> {
  // Before its first response an interaction reaches no message: this takes the bot's own right to be in the channel.
  const reaches =
    guildId === null
      ? context === InteractionContextType.BotDM
      : client.guilds.cache.has(guildId) && appPermissions.has(TO_READ);
  if (!reaches || message.flags.has(MessageFlags.Ephemeral)) {
    return;
  }
  const route = Routes.channelMessage(channelId, message.id);
  try {
    const { components } = (await client.rest.get(route)) as APIMessage;
    if (JSON.stringify(components ?? []).includes(customId('cancel', jobId))) {
      await client.rest.patch(route, { body: { content: sentence, components: [] } });
    }
  } catch (error) {
    log.info({ err: error, interaction: id }, 'a message that waits for nothing could not be ended');
  }
}
