import type { Form, Path } from '../form.js';

/** The languages of Discord. */
export const LOCALES =
  'id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru uk hi th zh-CN ja zh-TW ko'.split(
    ' ',
  );

/** Checks a text in other languages, each by its own rule. */
export function checkTranslations(
  form: Form,
  path: Path,
  value: unknown,
  check: (path: Path, value: unknown) => void,
): void {
  for (const [locale, text] of Object.entries(form.record(path, value) ?? {})) {
    if (!LOCALES.includes(locale)) {
      form.fail(
        [...path, locale],
        'APPLICATION_COMMAND_LOCALE_INVALID',
        `${locale} is no locale of Discord.`,
      );
    } else if (text !== null) {
      check([...path, locale], text);
    }
  }
}
