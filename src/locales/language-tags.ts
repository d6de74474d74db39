import { LANGUAGES, type Language } from '../task.js';

/** Languages with codes of their own that count as one of the model's: ISO 639-3 calls that one their macrolanguage. */
const MACROLANGUAGES: Readonly<Record<string, Language>> = {
  nb: 'no',
  nn: 'no',
  arz: 'ar',
  apc: 'ar',
  acm: 'ar',
};

/** Before BCP 47, `zh-cmn` named Mandarin; it is `cmn` now. */
const EXTENDED_LANGUAGE = /^[a-z]{2,3}-(?=[a-z]{3}(?:-|$))/i;
/** What POSIX puts behind a locale: `pt_BR.UTF-8@euro`. */
const POSIX_END = /[.@].*$/;

/**
 * The language of the model's that a tag of BCP 47 (or one of POSIX) names: `pt-BR`, `zh_Hans`, `iw`, `deu`, `nb-NO`.
 *
 * @returns undefined where it is no tag, or of a language that the model does not speak
 */
export function modelLanguageOfTag(tag: string): Language | undefined {
  const bare = tag.trim().replace(POSIX_END, '').replaceAll('_', '-').replace(EXTENDED_LANGUAGE, '');
  const locale = localeOf(bare);
  const language = locale?.language ?? '';
  return MACROLANGUAGES[language] ?? LANGUAGES.find((known) => known === language);
}

/** Whether a tag names a language in traditional Chinese characters, as `zh-TW`, `zh-HK` and `zh-Hant` do. */
export function isTraditionalChinese(tag: string): boolean {
  const { language, script } = localeOf(tag.replaceAll('_', '-'))?.maximize() ?? {};
  return language === 'zh' && script === 'Hant';
}

/** With deprecated codes such as `iw` replaced; undefined where the tag is not well-formed. */
function localeOf(tag: string): Intl.Locale | undefined {
  try {
    return new Intl.Locale(tag);
  } catch {
    return undefined;
  }
}
