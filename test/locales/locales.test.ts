import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { MISTAKE_CODES } from '../../src/errors.js';
import {
  localeFor,
  modelLanguageFor,
  translateTo,
  TRANSLATIONS,
  type Locale,
} from '../../src/locales/locales.js';

const LOCALES = Object.keys(TRANSLATIONS) as Locale[];
const OTHERS = LOCALES.filter((locale): locale is Exclude<Locale, 'en'> => locale !== 'en');

/** The texts of a language by their whole keys, such as `buttons.cancel`. */
function textsOf(locale: Locale): Map<string, string> {
  const texts = new Map<string, string>();
  const collect = (part: object, path: string): void => {
    for (const [key, value] of Object.entries(part) as [string, string | object][]) {
      if (typeof value === 'string') {
        texts.set(path + key, value);
      } else {
        collect(value, `${path}${key}.`);
      }
    }
  };
  collect(TRANSLATIONS[locale], '');
  return texts;
}

const PLURAL_FORM = /_(zero|one|two|few|many|other)$/;
const stemOf = (key: string): string => key.replace(PLURAL_FORM, '');
const isCounted = (key: string): boolean => PLURAL_FORM.test(key);

/** The texts whose keys match. */
function matching(locale: Locale, pattern: RegExp): [string, string][] {
  return [...textsOf(locale)].filter(([key]) => pattern.test(key));
}

describe.each(LOCALES)('the texts in %s', (locale) => {
  test('have the keys of English and no other', () => {
    const keys = new Set([...textsOf(locale).keys()].map(stemOf));
    expect([...keys].sort()).toEqual([...new Set([...textsOf('en').keys()].map(stemOf))].sort());
  });

  test('have one form for each that the numbers of the language have', () => {
    const forms = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
    const counted = [...textsOf('en').keys()].filter(isCounted).map(stemOf);
    expect([...textsOf(locale).keys()].filter(isCounted).sort()).toEqual(
      [...new Set(counted)].flatMap((stem) => forms.map((form) => `${stem}_${form}`)).sort(),
    );
  });

  test('have the blanks of English', () => {
    const blanksOf = (text: string): string[] => (text.match(/\{\{.*?\}\}/g) ?? []).sort();
    const english = new Map([...textsOf('en')].map(([key, text]) => [stemOf(key), blanksOf(text)]));
    const blanks = [...textsOf(locale)].map(([key, text]) => [key, blanksOf(text)]);
    expect(blanks).toEqual([...textsOf(locale).keys()].map((key) => [key, english.get(stemOf(key))]));
  });

  test('say something, without spaces around it', () => {
    const empty = [...textsOf(locale)].filter(
      ([key, text]) => text.trim() === '' || (key !== 'answers.separator' && text.trim() !== text),
    );
    expect(empty).toEqual([]);
  });

  test('refer to no other text, which would be put in their place', () => {
    expect([...textsOf(locale)].filter(([, text]) => text.includes('$t('))).toEqual([]);
  });

  test('fit where Discord shows them', () => {
    const limits: [RegExp, number][] = [
      [/^commands\..*\.description$/, 100],
      [/^commands\..*\.choices\./, 100],
      [/^menus\./, 32],
      // Discord takes 80; but five stand side by side.
      [/^buttons\./, 20],
      [/^forms\.(ask|find|picture)/, 45],
      [/^(answers|altTexts|notes|outcomes|refusals|mistakes|progress)\./, 200],
    ];
    const tooLong = limits.flatMap(([pattern, longest]) =>
      matching(locale, pattern).filter(([, text]) => text.length > longest),
    );
    expect(tooLong).toEqual([]);
    expect(limits.every(([pattern]) => matching(locale, pattern).length > 0)).toBe(true);
  });

  test('name commands and options as Discord wants them: lower case, 1 to 32 letters, no space', () => {
    const names = matching(locale, /^commands\..*\.name$/);
    expect(names).toHaveLength(13);
    expect(names.filter(([, name]) => !/^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u.test(name))).toEqual(
      [],
    );
    expect(names.filter(([, name]) => name !== name.toLocaleLowerCase(locale))).toEqual([]);
  });

  test('name no two commands, menu entries or buttons alike', () => {
    for (const pattern of [/^commands\.\w+\.name$/, /^menus\./, /^buttons\./, /^places\./]) {
      const texts = matching(locale, pattern).map(([, text]) => text);
      expect(texts).toEqual([...new Set(texts)]);
    }
  });

  test('say each mistake of a member with what it names', () => {
    const t = translateTo(locale);
    const values = { megapixels: 1, mebibytes: 2, characters: 3, count: 4, language: 'xx', seconds: 5 };
    const sentences = MISTAKE_CODES.map((code) => t(`mistakes.${code}`, values));
    expect(sentences.filter((sentence) => /\{\{|mistakes\./.test(sentence))).toEqual([]);
    expect(new Set(sentences).size).toBe(MISTAKE_CODES.length);
  });
});

/** What is the same in another language as in English, and rightly so. */
const ALIKE: Readonly<Record<Exclude<Locale, 'en'>, readonly string[]>> = {
  zh: [],
  ja: [],
  es: ['commands.ocr.name'],
  fr: ['commands.ocr.name', 'commands.ask.options.question.name', 'commands.options.image.name'],
  de: ['commands.ocr.name', 'commands.status.name'],
};
const SCRIPTS: Readonly<Record<Exclude<Locale, 'en'>, RegExp>> = {
  zh: /\p{sc=Han}/u,
  ja: /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]/u,
  es: /\p{sc=Latin}/u,
  fr: /\p{sc=Latin}/u,
  de: /\p{sc=Latin}/u,
};
/** Names and signs alone. */
const WORDLESS = [
  'status.title',
  'status.line',
  'status.time',
  'answers.foundOf',
  'altTexts.object',
  'answers.separator',
];

describe.each(OTHERS)('in %s', (locale) => {
  test('nothing is left in English but what is the same word', () => {
    const english = textsOf('en');
    const left = [...textsOf(locale)]
      .filter(([key, text]) => english.get(key) === text && !WORDLESS.includes(key))
      .map(([key]) => key);
    expect(left.sort()).toEqual([...ALIKE[locale]].sort());
  });

  test('each text is in the script of the language', () => {
    const strangers = [...textsOf(locale)].filter(
      ([key, text]) => !WORDLESS.includes(key) && !SCRIPTS[locale].test(text),
    );
    expect(strangers).toEqual([]);
  });

  test('no two sentences are the same', () => {
    const texts = [...textsOf(locale)].filter(([key]) => /^(outcomes|refusals|mistakes|notes)\./.test(key));
    expect(texts.length).toBeGreaterThan(30);
    expect(new Set(texts.map(([, text]) => text)).size).toBe(texts.length);
  });
});

test('French sets a space that does not break before its tall punctuation, and nothing else does', () => {
  for (const [key, text] of textsOf('fr')) {
    expect([key, text]).toEqual([key, text.replace(/(?<!\u00a0)[:;?!]/g, '\u00a0$&')]);
  }
  for (const locale of LOCALES.filter((other) => other !== 'fr')) {
    expect(matching(locale, /./).filter(([, text]) => text.includes('\u00a0'))).toEqual([]);
  }
});

describe('a number', () => {
  // prettier-ignore
  test.each<[Locale, number, string]>([
    ['en', 1, 'Found 1 object: x'],
    ['en', 2, 'Found 2 objects: x'],
    ['de', 1, '1 Objekt gefunden: x'],
    ['de', 0, '0 Objekte gefunden: x'],
    ['fr', 0, '0 objet trouvé\u00a0: x'],
    ['fr', 1, '1 objet trouvé\u00a0: x'],
    ['fr', 2, '2 objets trouvés\u00a0: x'],
    ['fr', 1_000_000, '1000000 d’objets trouvés\u00a0: x'],
    ['es', 1, 'Encontré 1 objeto: x'],
    ['es', 5, 'Encontré 5 objetos: x'],
    ['es', 1_000_000, 'Encontré 1000000 de objetos: x'],
    ['zh', 1, '找到 1 个物体：x'],
    ['zh', 7, '找到 7 个物体：x'],
    ['ja', 1, '1個見つかりました：x'],
  ])('takes its form in %s: %d', (locale, count, sentence) => {
    expect(translateTo(locale)('answers.found', { count, objects: 'x' })).toBe(sentence);
  });

  test.each<[Locale, string]>([
    ['en', '/ask: 2.5 s'],
    ['de', '/ask: 2,5 s'],
    ['fr', '/ask\u00a0: 2,5 s'],
    ['es', '/ask: 2,5 s'],
    ['zh', '/ask：2.5 秒'],
    ['ja', '/ask：2.5秒'],
  ])('is written as %s writes numbers', (locale, text) => {
    expect(translateTo(locale)('status.time', { task: '/ask', seconds: 2.5 })).toBe(text);
  });
});

describe('a list that is cut', () => {
  test.each<[Locale, string]>([
    ['en', 'a cat, and 2 more'],
    ['de', 'a cat und 2 weitere'],
    ['fr', 'a cat et 2 de plus'],
    ['es', 'a cat y 2 más'],
    ['zh', 'a cat，另外还有 2 个'],
    ['ja', 'a cat、ほか2個'],
  ])('goes on as people say it in %s', (locale, text) => {
    const t = translateTo(locale);
    expect(t('altTexts.withMore', { objects: 'a cat', more: t('altTexts.more', { count: 2 }) })).toBe(text);
  });
});

test.each(LOCALES)(
  'the file of %s has no character in it that a translator would not see',
  async (locale) => {
    const source = await readFile(new URL(`../../src/locales/${locale}.ts`, import.meta.url), 'utf8');
    expect(source).not.toMatch(/(?!\u3000)[\p{Zs}\p{Cf}](?<! )/u);
  },
);

test.each(LOCALES)('what is too old, or ends, is said in %s of whatever it is', (locale) => {
  const t = translateTo(locale);
  expect(t('refusals.outdated')).not.toMatch(/button|schaltfläche|bouton|botón|ボタン|按钮/i);
  expect(t('outcomes.restarting')).not.toMatch(/minut|1分|一分钟/i);
});

describe('the language of a locale', () => {
  // prettier-ignore
  test.each<[string, Locale]>([
    ['en-GB', 'en'], ['en-US', 'en'],
    ['zh-CN', 'zh'], ['zh', 'zh'], ['zh_Hans_CN', 'zh'], ['zh-SG', 'zh'],
    ['zh-TW', 'en'], ['zh-HK', 'en'], ['zh_Hant', 'en'],
    ['es-ES', 'es'], ['es-419', 'es'],
    ['fr', 'fr'], ['fr-CA', 'fr'], ['de', 'de'], ['DE-at', 'de'], ['ja', 'ja'],
    ['pt-BR', 'en'], ['sv-SE', 'en'], ['', 'en'], ['-', 'en'], ['fra', 'en'], ['nonsense', 'en'],
    ['constructor', 'en'], ['__proto__', 'en'],
  ])('of ours for "%s" is %s', (locale, language) => {
    expect(localeFor(locale)).toBe(language);
    expect(translateTo(locale)('buttons.cancel')).toBe(TRANSLATIONS[language].buttons.cancel);
  });

  test.each([
    ['pt-BR', 'pt'],
    ['sv-SE', 'sv'],
    ['zh-TW', 'zh'],
    ['no', 'no'],
    ['nb-NO', 'no'],
    ['iw', 'he'],
    ['bg', 'en'],
    ['', 'en'],
    ['constructor', 'en'],
  ])("of the model's for %s is %s", (locale, language) => {
    expect(modelLanguageFor(locale)).toBe(language);
  });
});

describe("people's words", () => {
  const WORDS = [
    '<b>"Tom" & \'Jerry\'</b>',
    '$t(buttons.cancel)',
    '{{question}} {{text}}',
    '{{- question}}',
    '{{text, number}}',
    '$& $1 $$ $`',
    '\\u0041 %s ${x}',
    '',
  ];

  test.each(LOCALES)('stay as they are in %s, whatever they hold', (locale) => {
    const t = translateTo(locale);
    const template = textsOf(locale).get('altTexts.asked') ?? '';
    for (const question of WORDS) {
      for (const text of WORDS) {
        const [before, between, after] = template.split(/\{\{\w+\}\}/);
        expect(t('altTexts.asked', { question, text })).toBe(
          [before, question, between, text, after].join(''),
        );
      }
    }
  });
});
