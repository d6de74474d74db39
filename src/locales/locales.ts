import i18next from 'i18next';
import type { Language } from '../task.js';
import { de } from './de.js';
import { en } from './en.js';
import { es } from './es.js';
import { fr } from './fr.js';
import { ja } from './ja.js';
import { isTraditionalChinese, modelLanguageOfTag } from './language-tags.js';
import { zh } from './zh.js';

/** The languages that Glimpse itself speaks, as ISO 639-1 codes; English stands in for all others. */
export const TRANSLATIONS = { en, zh, es, fr, de, ja };
export type Locale = keyof typeof TRANSLATIONS;

/** The forms that a language has for numbers, as keys end in them; which there are differs from language to language. */
type PluralForm = 'zero' | 'one' | 'two' | 'few' | 'many' | 'other';
type WithoutPluralForm<Key extends string> = Key extends `${infer Stem}_${PluralForm}` ? Stem : Key;

/**
 * The texts of one language: the keys of English, and of what is counted one for each form that the language's numbers
 * have, which are those of `Intl.PluralRules`.
 */
export type Translation<Form extends PluralForm> = InForms<typeof en, Form>;
type InForms<Texts, Form extends PluralForm> = {
  readonly [Key in keyof Texts & string as InForm<Key, Form>]: Texts[Key] extends string
    ? string
    : InForms<Texts[Key], Form>;
};
type InForm<Key extends string, Form extends PluralForm> = Key extends `${infer Stem}_${PluralForm}`
  ? `${Stem}_${Form}`
  : Key;

type KeysOf<Texts> = {
  [Key in keyof Texts & string]: Texts[Key] extends string
    ? WithoutPluralForm<Key>
    : `${Key}.${KeysOf<Texts[Key]>}`;
}[keyof Texts & string];

/** The name of a sentence, such as `buttons.cancel`. */
export type TextKey = KeysOf<typeof en>;

/** Says a sentence in one language, its blanks filled in. The values may hold anything; nothing is escaped. */
export type Translate = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;

const translations = i18next.createInstance();
// Synchronous, since all texts are at hand.
void translations.init({
  fallbackLng: 'en',
  resources: Object.fromEntries(
    Object.entries(TRANSLATIONS).map(([locale, translation]) => [locale, { translation }]),
  ),
  // Escaping for HTML would garble people's words; what shows them makes them harmless for where they are shown.
  interpolation: { escapeValue: false },
  initAsync: false,
});

/** @param locale a locale as Discord or a browser names it, such as `en-GB` or `zh-CN` */
export function translateTo(locale: string): Translate {
  const say = translations.getFixedT(localeFor(locale));
  return (key, values = {}) => say(key, { ...values });
}

/**
 * The language of ours for a locale such as `es-419`; English where we speak none of its. Our Chinese is in simplified
 * characters, which not everybody reads who reads the traditional ones.
 */
export function localeFor(locale: string): Locale {
  const language = locale.toLowerCase().split(/[-_]/)[0] ?? '';
  return Object.hasOwn(TRANSLATIONS, language) && !isTraditionalChinese(locale) ? (language as Locale) : 'en';
}

/** The language of the model's for a locale such as `pt-BR`; English where it speaks none of its. */
export function modelLanguageFor(locale: string): Language {
  return modelLanguageOfTag(locale) ?? 'en';
}
