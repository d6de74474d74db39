import { UserError } from '../errors.js';
import { modelLanguageFor } from '../locales/locales.js';
import { LANGUAGES, type Language } from '../task.js';

/** Discord shows no more. */
const MOST_CHOICES = 25;

/**
 * The language that a member asked for, by its code or by its name in their language, its own, or English.
 *
 * @param typed undefined: the member's own language where the model speaks it, else English
 * @throws {UserError} the model does not speak it
 */
export function languageFrom(typed: string | undefined, locale: string): Language {
  if (typed === undefined || typed.trim() === '') {
    return modelLanguageFor(locale);
  }
  const wanted = fold(typed);
  const language = LANGUAGES.find(
    (code) => code === wanted || namesOf(code, locale).some((name) => fold(name) === wanted),
  );
  if (language === undefined) {
    throw new UserError(`The model does not speak "${typed}".`, {
      mistake: { code: 'languageUnknown', values: { language: typed } },
    });
  }
  return language;
}

/**
 * What completes a half-typed language: those that start with what was typed, then those that contain it, and the
 * member's own first in each.
 */
export function languageChoices(typed: string, locale: string): { name: string; value: Language }[] {
  const wanted = fold(typed);
  const own = modelLanguageFor(locale);
  return LANGUAGES.map((value) => {
    const names = namesOf(value, locale);
    return { value, names, own: value === own, rank: rankOf(wanted, [value, ...names.map(fold)]) };
  })
    .filter(({ rank }) => rank < 2)
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        Number(b.own) - Number(a.own) ||
        (a.names[0] ?? '').localeCompare(b.names[0] ?? '', locale),
    )
    .slice(0, MOST_CHOICES)
    .map(({ value, names: [name = value, ownName = name] }) => ({
      name: fold(name) === fold(ownName) ? name : `${name} (${ownName})`,
      value,
    }));
}

/** 0 where a name begins with what was typed, 1 where one contains it, 2 where none does. */
function rankOf(wanted: string, names: readonly string[]): number {
  if (names.some((name) => name.startsWith(wanted))) {
    return 0;
  }
  return names.some((name) => name.includes(wanted)) ? 1 : 2;
}

/** A language's name in the member's language, in itself, and in English. */
function namesOf(language: Language, locale: string): string[] {
  return [locale, language, 'en'].map(
    (speaker) => new Intl.DisplayNames([speaker, 'en'], { type: 'language' }).of(language) ?? language,
  );
}

/** Without case and accents, so that `francais` finds français. */
function fold(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '');
}
