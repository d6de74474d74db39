import { UserError } from '../errors.js';
import { modelLanguageFor } from '../locales/locales.js';
import { LANGUAGES, type Language } from '../task.js';
import { fold, foldedNamesOf, languageNamed, namesOf, otherNamesOf } from './language-names.js';

/** Discord shows no more. */
const MOST_CHOICES = 25;

/**
 * The language that a member asked for, by a tag such as `pt-BR` or by its name in whatever language.
 *
 * @param typed undefined: the member's own language where the model speaks it, else English
 * @throws {UserError} the model does not speak it
 */
export function languageFrom(typed: string | undefined, locale: string): Language {
  if (typed === undefined || typed.trim() === '') {
    return modelLanguageFor(locale);
  }
  const language = languageNamed(typed, locale);
  if (language === undefined) {
    throw new UserError(`The model does not speak "${typed}".`, {
      mistake: { code: 'languageUnknown', values: { language: typed } },
    });
  }
  return language;
}

/**
 * What completes a half-typed language: the one that was typed in full and those that start with it, then those that
 * contain it, and the member's own first in each.
 */
export function languageChoices(typed: string, locale: string): { name: string; value: Language }[] {
  const wanted = fold(typed);
  const own = modelLanguageFor(locale);
  const named = wanted === '' ? undefined : languageNamed(typed, locale);
  return LANGUAGES.map((value) => {
    const names = namesOf(value, locale);
    const rank =
      value === named ? 0 : rankOf(wanted, [value, ...foldedNamesOf(value, locale)], otherNamesOf(value));
    return { value, names, own: value === own, rank };
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

/** Fewer letters than this could begin the other names of too many languages. */
const ENOUGH_FOR_OTHER_NAMES = 3;

/** 0 where a name begins with what was typed, 1 where one contains it, 2 where none does. */
function rankOf(wanted: string, names: readonly string[], otherNames: readonly string[]): number {
  const others = wanted.length < ENOUGH_FOR_OTHER_NAMES ? [] : otherNames.map(fold);
  if ([...names, ...others].some((name) => name.startsWith(wanted))) {
    return 0;
  }
  return names.some((name) => name.includes(wanted)) ? 1 : 2;
}
