import {
  MessageFlags,
  type ButtonInteraction,
  type Interaction,
  type ModalSubmitInteraction,
} from 'discord.js';
import { translateTo } from '../locales/locales.js';
import { isAllowed } from './access.js';
import { onAltText, onAskAgain, onAskedAgain, onDelete, onReadText } from './answer-buttons.js';
import type { BotContext } from './bot-context.js';
import { onCancel } from './cancel-button.js';
import { readCustomId, type Action } from './custom-id.js';
import { isGone } from './discord-errors.js';
import type { AnswerableInteraction } from './interactions.js';
import { onMenuForm, onMessageMenu, onPictureChosen } from './message-menus.js';
import { endingOf, mistakeCodeOf, Refusal, sentenceOf } from './sentences.js';
import { onAutocomplete, onSlashCommand } from './slash-commands.js';
import { refusalWithWords, typedWords } from './words-back.js';

/** Brings an interaction to what answers it. Never throws: a failure is a sentence for the member, or a log entry. */
export async function dispatch(bot: BotContext, interaction: Interaction): Promise<void> {
  try {
    if (interaction.isAutocomplete()) {
      await onAutocomplete(interaction);
    } else if (isAnswerable(interaction)) {
      await route(bot, interaction);
    }
  } catch (error) {
    await apologise(bot, interaction, error);
  }
}

async function route(bot: BotContext, interaction: AnswerableInteraction): Promise<void> {
  if (!isAllowed(bot.origins.take(interaction), bot.config.access)) {
    throw new Refusal('notAllowed');
  }
  if (interaction.isChatInputCommand()) {
    await onSlashCommand(bot, interaction);
  } else if (interaction.isMessageContextMenuCommand()) {
    await onMessageMenu(bot, interaction);
  } else {
    const id = readCustomId(interaction.customId);
    const handler = id === undefined ? undefined : HANDLERS[id.action];
    if (handler === undefined) {
      throw new Refusal('outdated');
    }
    await handler(bot, interaction, id?.details ?? []);
  }
}

type ComponentInteraction = Extract<AnswerableInteraction, { customId: string }>;
type Handler = (
  bot: BotContext,
  interaction: ComponentInteraction,
  details: readonly string[],
) => Promise<void>;

/** What each action of a component leads to. */
const HANDLERS: Readonly<Record<Action, Handler>> = {
  cancel: forButton((bot, interaction, [jobId]) => onCancel(bot, interaction, jobId)),
  ask: forButton((bot, interaction, [posted]) => onAskAgain(bot, interaction, 'ask', posted)),
  find: forButton((bot, interaction, [posted]) => onAskAgain(bot, interaction, 'detect', posted)),
  read: forButton((bot, interaction, [posted]) => onReadText(bot, interaction, posted)),
  alt: forButton((_bot, interaction) => onAltText(interaction)),
  delete: forButton((_bot, interaction) => onDelete(interaction)),
  pick: async (bot, interaction, details) => {
    if (!interaction.isStringSelectMenu()) {
      throw new Refusal('outdated');
    }
    await onPictureChosen(bot, interaction, details);
  },
  more: forForm(onAskedAgain),
  form: forForm(onMenuForm),
};

function forButton(
  handle: (bot: BotContext, interaction: ButtonInteraction, details: readonly string[]) => Promise<void>,
): Handler {
  return async (bot, interaction, details) => {
    if (!interaction.isButton()) {
      throw new Refusal('outdated');
    }
    await handle(bot, interaction, details);
  };
}

function forForm(
  handle: (bot: BotContext, interaction: ModalSubmitInteraction, details: readonly string[]) => Promise<void>,
): Handler {
  return async (bot, interaction, details) => {
    if (!interaction.isModalSubmit()) {
      throw new Refusal('outdated');
    }
    await handle(bot, interaction, details);
  };
}

/** Tells the member alone why nothing came of it. */
async function apologise(bot: BotContext, interaction: Interaction, error: unknown): Promise<void> {
  if (bot.firstResponses.isOurs(error, interaction.id)) {
    return;
  }
  if (bot.firstResponses.isAnothers(error, interaction.id)) {
    tellOfAnother(bot);
    return;
  }
  const ending = endingOf(error);
  const entry = { interaction: interaction.id, server: interaction.guildId, type: interaction.type, ending };
  bot.metrics.ended('interaction', ending, mistakeCodeOf(error));
  if (ending === 'fault') {
    bot.log[isGone(error) ? 'warn' : 'error']({ ...entry, err: error }, 'an interaction failed');
  } else {
    bot.log.info(
      { ...entry, reason: error instanceof Error ? error.name : '' },
      'an interaction was refused',
    );
  }
  if (!isAnswerable(interaction) || isGone(error)) {
    return;
  }
  const t = translateTo(interaction.locale);
  const message = {
    ...refusalWithWords(sentenceOf(error, t), typedWords(interaction), t),
    flags: MessageFlags.Ephemeral,
  } as const;
  try {
    await (interaction.replied || interaction.deferred
      ? interaction.followUp(message)
      : interaction.reply(message));
  } catch (undeliverable) {
    bot.log.warn({ ...entry, err: undeliverable }, 'a member could not be told why there is no answer');
  }
}

/** Once: it would be said at nearly every interaction. */
function tellOfAnother(bot: BotContext): void {
  bot.metrics.ended('interaction', 'elsewhere');
  if (!bot.othersAnswer) {
    bot.othersAnswer = true;
    bot.log.error(
      'another process answers for this token: stop one of the two, else who answers is left to chance',
    );
  }
}

function isAnswerable(interaction: Interaction): interaction is AnswerableInteraction {
  return (
    interaction.isChatInputCommand() ||
    interaction.isMessageContextMenuCommand() ||
    interaction.isButton() ||
    interaction.isStringSelectMenu() ||
    interaction.isModalSubmit()
  );
}
