import { Locale as DiscordLocale } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { languageChoices, languageFrom } from '../../src/commands/language.js';
import { UserError } from '../../src/errors.js';
import { TRANSLATIONS } from '../../src/locales/locales.js';
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

  // prettier-ignore
  test.each<[Language, readonly string[]]>([
    ['ar', ['ar-EG', 'arb', 'arz', 'Arabic', 'عربي', 'العربية', 'اللغة العربية', 'árabe', '阿拉伯语', '阿拉伯文', 'арабский']],
    ['bn', ['Bengali', 'Bangla', 'bengalí', 'বাংলা', 'বাংলা ভাষা', 'bn_IN', 'Bengalisch']],
    ['de', ['de-AT', 'deu', 'ger', 'Ｇｅｒｍａｎ', 'ドイツ語', 'ﾄﾞｲﾂ語', '德文', '독일어', 'немецкий', 'γερμανικά', 'Austrian German']],
    ['el', ['el-GR', 'gre', 'Ελληνικά', 'ΕΛΛΗΝΙΚΑ', 'ελληνικα', 'Greek', 'grec']],
    ['en', ['en-GB', 'British English', '英文', '英語', 'İngilizce', 'Bahasa Inggris', 'אנגלית', 'English language']],
    ['es', ['es-419', 'es_MX', 'castellano', 'Español (Latinoamérica)', 'Latin American Spanish', 'ESPANOL', 'スペイン語']],
    ['fa', ['fa-IR', 'per', 'Farsi', 'فارسی', 'فارسى', 'زبان فارسی', 'prs', 'Persian']],
    ['fil', ['tl', 'tl-PH', 'fil-PH', 'Tagalog', 'Pilipino', 'filipino']],
    ['fr', ['fr-CA', 'fre', 'Canadian French', 'français (Canada)', 'francais', '法文', 'フランス語']],
    ['he', ['iw', 'IW-il', 'he_IL', 'Hebrew', 'עברית', 'hebreo', 'ヘブライ語']],
    ['hi', ['hi-IN', 'हिन्दी', 'हिंदी', 'Hindi', 'হিন্দি']],
    ['id', ['in', 'id_ID', 'Bahasa Indonesia', 'indonésien']],
    ['ja', ['ja-JP', 'jpn', '日本語', '日本语', '日文', '日語', 'Nihongo', 'japonés', 'японский']],
    ['ko', ['ko-KR', '한국어', '韩语', '韓文', '韓国語', 'koreanisch']],
    ['mi', ['mi-NZ', 'mao', 'Maori', 'Māori', 'te reo Māori']],
    ['nl', ['nl-BE', 'dut', 'Flemish', 'Vlaams', 'Nederlands', 'オランダ語']],
    ['no', ['nb', 'nn-NO', 'nb_NO.UTF-8', 'Bokmål', 'norsk bokmål', 'Norwegian (Nynorsk)', 'norsk']],
    ['pt', ['pt-BR', 'pt_PT', 'Portuguese (Brazil)', 'Brazilian Portuguese', 'português', 'ポルトガル語']],
    ['ro', ['mo', 'ro-MD', 'română', 'Romana']],
    ['ru', ['ru_RU.UTF-8', 'Русский', 'русский язык', 'Russian', 'russe']],
    ['sw', ['sw-KE', 'swh', 'Kiswahili', 'Swahili', 'Suaheli']],
    ['th', ['th-TH', 'ไทย', 'ภาษาไทย', 'Thai', '泰文']],
    ['tr', ['tr-TR', 'Türkçe', 'TÜRKÇE', 'turkce', 'トルコ語']],
    ['uk', ['uk-UA', 'українська', 'українська мова', 'Ukrainisch']],
    ['vi', ['vi-VN', 'Tiếng Việt', 'tieng viet', 'Việt', '越南文']],
    ['zh', ['zh-CN', 'zh_Hans', 'zh-Hant-TW', 'cmn', 'zh-cmn-Hans', 'Chinese (Simplified)', 'Simplified Chinese', '简体中文', '繁體中文', '国语', '普通話', '中国語（簡体字）', 'Mandarin', 'chinois traditionnel']],
  ])('is known however it is called: %s', (language, names) => {
    for (const name of names) {
      expect([name, languageFrom(name, 'en-US')]).toEqual([name, language]);
      expect([name, offered(name, 'ja')[0]]).toEqual([name, language]);
    }
  });

  test.each(LANGUAGES)(
    'is known by its names in all the languages that Glimpse or the model speaks: %s',
    (code) => {
      for (const speaker of [...Object.keys(TRANSLATIONS), ...LANGUAGES]) {
        const name = new Intl.DisplayNames([speaker, 'en'], { type: 'language' }).of(code) ?? code;
        expect([speaker, name, languageFrom(name, 'fr')]).toEqual([speaker, name, code]);
        expect([speaker, name, languageFrom(name.toLocaleUpperCase(speaker), 'fr')]).toEqual([
          speaker,
          name,
          code,
        ]);
      }
    },
  );

  test.each<[string | undefined, string, Language]>([
    [undefined, 'de', 'de'],
    [undefined, 'nb-NO', 'no'],
    [undefined, 'iw-IL', 'he'],
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

  test.each([
    'Klingon',
    'xx',
    'germ',
    'de-DE-x',
    '{{language}}',
    '日',
    'Slovak',
    'sr-Latn',
    'yue',
    'Latin',
    '()',
    '語',
  ])('is a mistake of theirs where the model does not speak it: %s', (typed) => {
    const ask = (): Language => languageFrom(typed, 'en-US');
    expect(ask).toThrow(UserError);
    expect(ask).toThrow(
      expect.objectContaining({ mistake: { code: 'languageUnknown', values: { language: typed } } }),
    );
  });

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

  test('is found by other names in common use, once enough of one is typed', () => {
    expect(offered('benga', 'en-US')).toEqual(['bn']);
    expect(offered('Fars', 'de')).toEqual(['fa']);
    expect(offered('tagal', 'fr')).toEqual(['fil']);
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
