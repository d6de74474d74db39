import {
  localeFor,
  translateTo,
  TRANSLATIONS,
  type Locale,
  type TextKey,
  type Translate,
} from '../../locales/locales.js';
import { LANGUAGES, type Language } from '../../task.js';

/** Where a visitor's choice is kept; without it the browser's languages decide. */
const STORAGE_KEY = 'locale';

/** The language of the page, and all that is said in it. */
export class Texts {
  #locale: Locale;
  #translate: Translate;

  constructor() {
    this.#locale = chosenLocale();
    this.#translate = translateTo(this.#locale);
  }

  get locale(): Locale {
    return this.#locale;
  }

  set locale(locale: Locale) {
    this.#locale = locale;
    this.#translate = translateTo(locale);
    remember(locale);
  }

  readonly say: Translate = (...words) => this.#translate(...words);

  /** Fills in whatever of the page says which text it shows. */
  apply(): void {
    document.documentElement.lang = this.#locale;
    document.title = this.say('playground.title');
    for (const shown of document.querySelectorAll<HTMLElement>('[data-text]')) {
      shown.textContent = this.say(shown.dataset.text as TextKey);
    }
    for (const named of document.querySelectorAll<HTMLElement>('[data-label]')) {
      named.ariaLabel = this.say(named.dataset.label as TextKey);
    }
  }

  /** The name of a language of the model's, in the page's language. */
  nameOf(language: Language): string {
    return new Intl.DisplayNames([this.#locale, 'en'], { type: 'language' }).of(language) ?? language;
  }

  /** The model's languages by their names. */
  languages(): { readonly code: Language; readonly name: string }[] {
    return LANGUAGES.map((code) => ({ code, name: this.nameOf(code) })).sort((a, b) =>
      a.name.localeCompare(b.name, this.#locale),
    );
  }
}

/** The languages of the page, each by its own name. */
export const LOCALE_NAMES: readonly (readonly [Locale, string])[] = Object.keys(TRANSLATIONS).map(
  (locale) => [
    locale as Locale,
    new Intl.DisplayNames([locale], { type: 'language' }).of(locale === 'zh' ? 'zh-Hans' : locale) ?? locale,
  ],
);

function chosenLocale(): Locale {
  const speaks = (language: string): boolean => localeFor(language) !== 'en' || /^en\b/i.test(language);
  return localeFor(remembered() ?? navigator.languages.find(speaks) ?? 'en');
}

function remembered(): string | null {
  try {
    return localStorage.getItem(STORAGE_KEY);
  } catch {
    // A browser may forbid it.
    return null;
  }
}

function remember(locale: Locale): void {
  try {
    localStorage.setItem(STORAGE_KEY, locale);
  } catch {
    // Then it lasts as long as the page.
  }
}
