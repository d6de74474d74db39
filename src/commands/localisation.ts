import { Locale as DiscordLocale, type LocalizationMap } from 'discord.js';
import { translateTo, type Locale, type Translate } from '../locales/locales.js';

/** Discord's languages that show each of ours; all the others show English, traditional Chinese too. */
const DISCORD_LOCALES: Readonly<Record<Exclude<Locale, 'en'>, readonly DiscordLocale[]>> = {
  zh: [DiscordLocale.ChineseCN],
  es: [DiscordLocale.SpanishES, DiscordLocale.SpanishLATAM],
  fr: [DiscordLocale.French],
  de: [DiscordLocale.German],
  ja: [DiscordLocale.Japanese],
};

/** Something said in English. */
export function inEnglish(say: (t: Translate) => string): string {
  return say(translateTo('en'));
}

/** The same in every other language, as Discord wants it. */
export function inOtherLanguages(say: (t: Translate) => string): LocalizationMap {
  const entries = Object.entries(DISCORD_LOCALES).flatMap(([locale, discordLocales]) =>
    discordLocales.map((discordLocale) => [discordLocale, say(translateTo(locale))] as const),
  );
  return Object.fromEntries(entries);
}

/** What slash commands and their options have in common. */
interface Described {
  setName(name: string): this;
  setNameLocalizations(names: LocalizationMap): this;
  setDescription(description: string): this;
  setDescriptionLocalizations(descriptions: LocalizationMap): this;
}

/** Gives a command or an option its name and description, in every language. */
export function describeTo<Builder extends Described>(
  builder: Builder,
  say: (t: Translate) => { readonly name: string; readonly description: string },
): Builder {
  return builder
    .setName(inEnglish((t) => say(t).name))
    .setNameLocalizations(inOtherLanguages((t) => say(t).name))
    .setDescription(inEnglish((t) => say(t).description))
    .setDescriptionLocalizations(inOtherLanguages((t) => say(t).description));
}
