import { modelLanguageOfTag } from '../locales/language-tags.js';
import { TRANSLATIONS } from '../locales/locales.js';
import { LANGUAGES, type Language } from '../task.js';

/** Whose names of languages are known besides: Discord's other locales, and regions that call languages otherwise. */
const OTHER_SPEAKERS = ['zh-Hant', 'es-419', 'pt-PT', 'fr-CA', 'bg', 'hu', 'lt', 'nn'];

/** Kinds of languages that have names of their own, such as "Brazilian Portuguese" and "Flemish". */
// prettier-ignore
const KINDS = [
  'ar-001', 'de-AT', 'de-CH', 'en-AU', 'en-CA', 'en-GB', 'en-US', 'es-419', 'es-ES', 'es-MX', 'fa-AF', 'fr-CA', 'fr-CH',
  'nb', 'nl-BE', 'nn', 'pt-BR', 'pt-PT', 'ro-MD', 'sw-CD', 'zh-Hans', 'zh-Hant',
];

/** Names in common use that CLDR does not give. */
const OTHER_NAMES: Readonly<Partial<Record<Language, readonly string[]>>> = {
  ar: ['Arab'],
  bn: ['Bengali'],
  el: ['Hellenic'],
  en: ['American', 'British'],
  es: ['Castilian', 'castellano', 'Castellan'],
  fa: ['Farsi', 'Parsi', 'پارسی'],
  fil: ['Tagalog', 'Pilipino', 'Wikang Filipino'],
  he: ['Ivrit'],
  hi: ['हिंदी'],
  hr: ['Croat'],
  ja: ['Nihongo', 'にほんご'],
  ko: ['한국말', '조선말', '조선어', 'Hangul'],
  mi: ['Te reo Māori', 'Te reo'],
  nl: ['Hollands', 'Holländisch', 'hollandais', 'holandés'],
  no: ['Bokmål', 'Nynorsk'],
  pt: ['Brazilian', 'brasileiro', 'brasileño'],
  ro: ['Moldovan'],
  zh: [
    'Mandarin',
    'Putonghua',
    'Hanyu',
    '普通话',
    '普通話',
    '国语',
    '國語',
    '汉语',
    '漢語',
    '华语',
    '華語',
    '简体',
    '简体字',
    '繁體',
  ],
};

/** "Language" as it stands before or behind a language's name, folded. */
const LANGUAGE_WORDS =
  /^(?:bahasa|langue|lingua|lengua|idioma|wikang|tieng|język|jezyk|ภาษา|اللغه|اللغة|زبان|язык|мова|שפת)\s*|\s*(?:language|sprache|jezik|jazyk|språket|spraket|язык|мова|भाषा|ভাষা|భాష|dili)$/u;

/** A language's name in the member's language, in itself, and in English. */
export function namesOf(language: Language, locale: string): string[] {
  return [locale, language, 'en'].map((speaker) => nameIn(speaker, language) ?? language);
}

const folded = new Map<string, readonly string[]>();

/** The same, folded. */
export function foldedNamesOf(language: Language, locale: string): readonly string[] {
  const key = `${locale} ${language}`;
  const names = folded.get(key) ?? namesOf(language, locale).map(fold);
  folded.set(key, names);
  return names;
}

/** Other names that a language goes by. */
export function otherNamesOf(language: Language): readonly string[] {
  return OTHER_NAMES[language] ?? [];
}

/** The language of a name, in whatever language, or of a tag; undefined where the model does not speak it. */
export function languageNamed(typed: string, locale: string): Language | undefined {
  const language = modelLanguageOfTag(typed);
  if (language !== undefined) {
    return language;
  }
  // What stands in brackets is a region, or the name in another language.
  const whole = fold(typed);
  const bare = fold(typed.replace(/[(（].*$/u, ''));
  for (const name of [whole, bare, bare.replace(LANGUAGE_WORDS, '')].filter((text) => text !== '')) {
    const known =
      LANGUAGES.find((code) => foldedNamesOf(code, locale).includes(name)) ?? allNames().get(name);
    if (known !== undefined) {
      return known;
    }
  }
  return undefined;
}

/**
 * Without case, accents, punctuation and what nobody sees, so that `francais` finds français; and with one character
 * for what Chinese and Japanese call a language, and for letters that Arabic and Persian write differently.
 */
export function fold(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\p{Mn}\p{Cf}\u0640]/gu, '')
    .replace(/[\s\p{P}]+/gu, ' ')
    .trim()
    .replace(/[語文话話]$/u, '语')
    .replace(/[øłđıæœßىیکہ]/gu, (letter) => PLAIN_LETTERS[letter] ?? letter);
}

const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ...{ ø: 'o', ł: 'l', đ: 'd', ı: 'i', æ: 'ae', œ: 'oe', ß: 'ss' },
  ...{ ى: 'ي', ی: 'ي', ک: 'ك', ہ: 'ه' },
};

let known: ReadonlyMap<string, Language> | undefined;

/** All names, folded; where two languages are called alike, what speakers of one call it themselves wins. */
function allNames(): ReadonlyMap<string, Language> {
  if (known !== undefined) {
    return known;
  }
  const names = new Map<string, Language>();
  const add = (name: string | undefined, language: Language): void => {
    const folded = fold(name ?? '');
    for (const form of [folded, folded.replace(LANGUAGE_WORDS, '')]) {
      if (form !== '' && !names.has(form)) {
        names.set(form, language);
      }
    }
  };
  for (const language of LANGUAGES) {
    add(nameIn(language, language), language);
    otherNamesOf(language).forEach((name) => {
      add(name, language);
    });
  }
  for (const speaker of new Set([...Object.keys(TRANSLATIONS), ...LANGUAGES, ...OTHER_SPEAKERS])) {
    for (const tag of [...LANGUAGES, ...KINDS]) {
      const language = modelLanguageOfTag(tag);
      if (language !== undefined) {
        add(nameIn(speaker, tag), language);
      }
    }
  }
  known = names;
  return names;
}

const speakers = new Map<string, Intl.DisplayNames>();

/** @returns undefined where the speaker has no name for it */
function nameIn(speaker: string, tag: string): string | undefined {
  const names =
    speakers.get(speaker) ?? new Intl.DisplayNames([speaker, 'en'], { type: 'language', fallback: 'none' });
  speakers.set(speaker, names);
  return names.of(tag);
}
