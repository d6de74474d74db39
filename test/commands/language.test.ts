import { Locale as DiscordLocale } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { languageChoices, languageFrom } from '../../src/commands/language.js';
import { UserError } from '../../src/errors.js';
import { LANGUAGES, type Language } from '../../src/task.js';

const DISCORD_LOCALES = Object.values(DiscordLocale);

/** The languages that complete what was typed, in their order. */
function offered(typed: string, locale: string): Language[] {
  return languageChoices(typed, locale).map(({ value }) => value);
}

describe('the language that a member asked for', () => {
  // prettier-ignore
  test.each<[string, string, string, Language]>([
    ['a code', 'de', 'en-US', 'de'],
    ['a code in capitals, with spaces', ' FIL ', 'en-US', 'fil'],
    ["a name in the member's language", 'Allemand', 'fr', 'de'],
    ["a name in the member's other script", '德语', 'zh-CN', 'de'],
    ["a name as the member's region writes it", '德文', 'zh-TW', 'de'],
    ['a name in the language itself', 'Deutsch', 'ja', 'de'],
    ['a name in its own script', '日本語', 'de', 'ja'],
    ['a name in English', 'German', 'zh-CN', 'de'],
    ['a name in capitals', 'SWAHILI', 'de', 'sw'],
    ['a name without its accents', 'francais', 'en-GB', 'fr'],
    ['a name with accents that are not in it', 'Itàlian', 'en-GB', 'it'],
    ['a name whose accents are typed apart from their letters', 'espan\u0303ol', 'en-US', 'es'],
  ])('is known by %s: %s', (_, typed, locale, language) => {
    expect(languageFrom(typed, locale)).toBe(language);
  });

  test.each<[string | undefined, string, Language]>([
    [undefined, 'de', 'de'],
    [undefined, 'pt-BR', 'pt'],
    [undefined, 'es-419', 'es'],
    ['', 'ja', 'ja'],
    ['  ', 'zh-TW', 'zh'],
    [undefined, 'bg', 'en'],
  ])(
    'is their own where they say nothing (%j, %s), and English where the model does not speak it',
    (typed, locale, language) => {
      expect(languageFrom(typed, locale)).toBe(language);
    },
  );

  test.each(['Klingon', 'xx', 'germ', 'de-DE-x', '{{language}}', '日'])(
    'is a mistake of theirs where the model does not speak it: %s',
    (typed) => {
      const ask = (): Language => languageFrom(typed, 'en-US');
      expect(ask).toThrow(UserError);
      expect(ask).toThrow(
        expect.objectContaining({ mistake: { code: 'languageUnknown', values: { language: typed } } }),
      );
    },
  );

  test.each(DISCORD_LOCALES)('is each one by the name that completion shows in %s', (locale) => {
    for (const code of LANGUAGES) {
      const name = new Intl.DisplayNames([locale], { type: 'language' }).of(code) ?? code;
      expect([name, languageFrom(name, locale)]).toEqual([name, code]);
      expect(offered(name, locale)).toContain(code);
    }
  });
});

describe('what completes a half-typed language', () => {
  test.each(DISCORD_LOCALES)(
    'is what Discord shows: at most 25 names of at most 100 characters, in %s',
    (locale) => {
      for (const typed of ['', 'a', 'e', 'an', '語', 'ск']) {
        const choices = languageChoices(typed, locale);
        expect(choices.length).toBeLessThanOrEqual(25);
        for (const name of choices.map((choice) => choice.name)) {
          expect(name.length).toBeGreaterThan(0);
          expect(name.length).toBeLessThanOrEqual(100);
        }
        expect(new Set(choices.map(({ name }) => name)).size).toBe(choices.length);
        expect(new Set(choices.map(({ value }) => value)).size).toBe(choices.length);
      }
      expect(languageChoices('', locale)).toHaveLength(25);
    },
  );

  test("is the member's own language first, then all in the order of their alphabet, before anything is typed", () => {
    const choices = languageChoices('', 'de');
    expect(choices.slice(0, 4)).toEqual([
      { name: 'Deutsch', value: 'de' },
      { name: 'Arabisch (العربية)', value: 'ar' },
      { name: 'Bengalisch (বাংলা)', value: 'bn' },
      { name: 'Chinesisch (中文)', value: 'zh' },
    ]);
    const others = choices.slice(1).map(({ name }) => name);
    expect(others).toEqual([...others].sort((a, b) => a.localeCompare(b, 'de')));
  });

  test('is what starts with it, then what contains it', () => {
    expect(offered('ch', 'es-419')).toEqual(['cs', 'zh', 'de', 'fr', 'nl']);
  });

  test("is the member's own language before the others that start with it", () => {
    expect(offered('i', 'it').slice(0, 2)).toEqual(['it', 'id']);
    expect(offered('ital', 'en-US')).toEqual(['it']);
  });

  test("is not the member's own language where that does not match", () => {
    expect(offered('fran', 'de')).toEqual(['fr']);
    expect(offered('中', 'ja')).toEqual(['zh']);
  });

  test('is found without case and accents, by code, by the name in the language itself and in English', () => {
    expect(offered('FRANC', 'de')).toEqual(['fr']);
    expect(offered('türk', 'en-US')).toEqual(['tr']);
    expect(offered('fil', 'ja')[0]).toBe('fil');
    expect(offered('日本', 'en-US')).toEqual(['ja']);
    expect(offered('japanese', 'zh-CN')).toEqual(['ja']);
  });

  test('is nothing where nothing matches', () => {
    expect(offered('klingon', 'de')).toEqual([]);
    expect(offered('x'.repeat(6000), 'de')).toEqual([]);
  });

  test("names a language in the member's language and in itself, once where both are the same", () => {
    expect(languageChoices('ja', 'fr')[0]).toEqual({ name: 'japonais (日本語)', value: 'ja' });
    expect(languageChoices('fil', 'en-US')).toEqual([{ name: 'Filipino', value: 'fil' }]);
    expect(languageChoices('ja', 'ja')[0]).toEqual({ name: '日本語', value: 'ja' });
  });
});
