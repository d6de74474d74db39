import { MessageFlags, type AutocompleteInteraction, type ChatInputCommandInteraction } from 'discord.js';
import { languageChoices } from '../commands/language.js';
import type { PictureCommand, TaskWords } from '../commands/picture-command.js';
import { PICTURE_COMMANDS } from '../commands/picture-commands.js';
import { STATUS, statusReport } from '../commands/status.js';
import { translateTo } from '../locales/locales.js';
import { answerPicture } from './answer-picture.js';
import type { BotContext } from './bot-context.js';
import { sourceOfAttachment } from './picture-source.js';
import { Refusal } from './sentences.js';

/** A slash command that a member has sent. */
export async function onSlashCommand(
  bot: BotContext,
  interaction: ChatInputCommandInteraction,
): Promise<void> {
  if (interaction.commandName === STATUS.name) {
    await onStatus(bot, interaction);
    return;
  }
  const command = commandNamed(interaction.commandName);
  await answerPicture(bot, interaction, {
    command,
    words: wordsOf(interaction),
    source: sourceOfAttachment(interaction.options.getAttachment('image', true)),
    private: interaction.options.getBoolean('private') ?? false,
    pictureShown: false,
  });
}

/** A language that a member is typing. */
export async function onAutocomplete(interaction: AutocompleteInteraction): Promise<void> {
  const { name, value } = interaction.options.getFocused(true);
  await interaction.respond(name === 'language' ? languageChoices(value, interaction.locale) : []);
}

async function onStatus(bot: BotContext, interaction: ChatInputCommandInteraction): Promise<void> {
  if (!(await bot.owners.include(interaction.user.id))) {
    throw new Refusal('ownerOnly');
  }
  await interaction.reply({
    content: statusReport(bot.status(), translateTo(interaction.locale)),
    flags: MessageFlags.Ephemeral,
  });
}

/** @throws {Refusal} a command that an older version registered and this one does not have */
function commandNamed(name: string): PictureCommand {
  const command = Object.values(PICTURE_COMMANDS).find(({ slash }) => slash.name === name);
  if (command === undefined) {
    throw new Refusal('outdated');
  }
  return command;
}

function wordsOf({ options }: ChatInputCommandInteraction): TaskWords {
  const words: Record<string, string> = {};
  for (const name of ['detail', 'language', 'question', 'objects'] as const) {
    const value = options.getString(name);
    if (value !== null) {
      words[name] = value;
    }
  }
  return words;
}
