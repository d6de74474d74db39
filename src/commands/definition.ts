import {
  ApplicationCommandType,
  ApplicationIntegrationType,
  ContextMenuCommandBuilder,
  InteractionContextType,
  SlashCommandBuilder,
  type RESTPostAPIContextMenuApplicationCommandsJSONBody,
  type SlashCommandAttachmentOption,
  type SlashCommandBooleanOption,
  type SlashCommandStringOption,
} from 'discord.js';
import type { Translate } from '../locales/locales.js';
import { describeTo, inEnglish, inOtherLanguages } from './localisation.js';

/** In servers, in direct messages, and wherever a person is who has installed the app for themselves. */
export const EVERYWHERE = {
  integrations: [ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall],
  contexts: [
    InteractionContextType.Guild,
    InteractionContextType.BotDM,
    InteractionContextType.PrivateChannel,
  ],
};

/** UTF-16 code units. What is no language is repeated to the member, in a message that has to hold it. */
const LONGEST_LANGUAGE = 100;

type Words = (t: Translate) => { readonly name: string; readonly description: string };

/** A slash command about a picture, which is its first option. */
export function pictureSlashCommand(words: Words): SlashCommandBuilder {
  const command = describeTo(new SlashCommandBuilder(), words)
    .setIntegrationTypes(EVERYWHERE.integrations)
    .setContexts(EVERYWHERE.contexts);
  command.addAttachmentOption(imageOption);
  return command;
}

/** An entry in the menu of a message. */
export function messageMenu(
  name: (t: Translate) => string,
): RESTPostAPIContextMenuApplicationCommandsJSONBody {
  return new ContextMenuCommandBuilder()
    .setType(ApplicationCommandType.Message)
    .setName(inEnglish(name))
    .setNameLocalizations(inOtherLanguages(name))
    .setIntegrationTypes(EVERYWHERE.integrations)
    .setContexts(EVERYWHERE.contexts)
    .toJSON();
}

/** Words that the member types. Option names are English in what Discord sends, whatever the member sees. */
export function wordsOption(
  words: Words,
  longest: number,
): (option: SlashCommandStringOption) => SlashCommandStringOption {
  return (option) => describeTo(option, words).setRequired(true).setMaxLength(longest);
}

/** The language of the answer, with completion. */
export function languageOption(option: SlashCommandStringOption): SlashCommandStringOption {
  return describeTo(option, optionWords('language')).setAutocomplete(true).setMaxLength(LONGEST_LANGUAGE);
}

/** Whether only the member sees the answer. */
export function privateOption(option: SlashCommandBooleanOption): SlashCommandBooleanOption {
  return describeTo(option, optionWords('private'));
}

/** Discord filters by file extension only, so that the file itself is still looked at. */
function imageOption(option: SlashCommandAttachmentOption): SlashCommandAttachmentOption {
  return describeTo(option, optionWords('image')).setRequired(true).setFileTypes('image');
}

function optionWords(option: 'image' | 'language' | 'private'): Words {
  return (t) => ({
    name: t(`commands.options.${option}.name`),
    description: t(`commands.options.${option}.description`),
  });
}
