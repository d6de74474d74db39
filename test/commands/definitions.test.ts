import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  Locale as DiscordLocale,
} from 'discord.js';
import { describe, expect, test } from 'vitest';
import { commandDefinitions } from '../../src/commands/all-commands.js';
import { PICTURE_COMMANDS } from '../../src/commands/picture-commands.js';
import { TRANSLATIONS } from '../../src/locales/locales.js';

type Localisations = Readonly<Record<string, string>>;

interface Named {
  readonly name: string;
  readonly name_localizations?: Localisations;
}

interface Described extends Named {
  readonly description: string;
  readonly description_localizations?: Localisations;
}

interface Option extends Described {
  readonly type: ApplicationCommandOptionType;
  readonly required?: boolean;
  readonly autocomplete?: boolean;
  readonly max_length?: number;
  readonly file_types?: readonly string[];
  readonly choices?: readonly (Named & { readonly value: string })[];
}

/** A command as Discord receives it. */
interface SentCommand extends Named {
  readonly type?: ApplicationCommandType;
  readonly integration_types?: readonly ApplicationIntegrationType[];
  readonly contexts?: readonly InteractionContextType[];
  readonly default_member_permissions?: string | null;
  readonly options?: readonly Option[];
}

type SentSlashCommand = SentCommand & Described;

const SENT = JSON.parse(JSON.stringify(commandDefinitions())) as SentCommand[];
const SLASH_COMMANDS = SENT.filter(isSlashCommand);
const MENU_ENTRIES = SENT.filter((command) => !isSlashCommand(command));
const PICTURE_SLASH_COMMANDS = Object.keys(PICTURE_COMMANDS).map(slashCommand);

/** Discord's pattern for the names of slash commands and their options. */
const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;

function isSlashCommand(command: SentCommand): command is SentSlashCommand {
  return command.type === undefined || command.type === ApplicationCommandType.ChatInput;
}

function slashCommand(name: string): SentSlashCommand {
  const command = SLASH_COMMANDS.find((known) => known.name === name);
  if (command === undefined) {
    throw new Error(`There is no /${name}.`);
  }
  return command;
}

function optionOf(command: SentCommand, name: string): Option | undefined {
  return command.options?.find((option) => option.name === name);
}

function namesOf({ name, name_localizations = {} }: Named): string[] {
  return [name, ...Object.values(name_localizations)];
}

function descriptionsOf({ description, description_localizations = {} }: Described): string[] {
  return [description, ...Object.values(description_localizations)];
}

/** What a member with this locale sees. */
function nameIn(locale: DiscordLocale, { name, name_localizations }: Named): string {
  return name_localizations?.[locale] ?? name;
}

function longest(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => text.length));
}

test('there are six slash commands and four entries in the menu of a message', () => {
  expect(SLASH_COMMANDS.map(({ name }) => name)).toEqual([
    'describe',
    'ocr',
    'ask',
    'detect',
    'segment',
    'status',
  ]);
  expect(MENU_ENTRIES.map(({ name, type }) => [name, type])).toEqual(
    ['Describe picture', 'Read text', 'Ask about picture', 'Find objects'].map((name) => [
      name,
      ApplicationCommandType.Message,
    ]),
  );
});

test.each(Object.values(DiscordLocale))('no two commands of a type have the same name in %s', (locale) => {
  for (const commands of [SLASH_COMMANDS, MENU_ENTRIES]) {
    const names = commands.map((command) => nameIn(locale, command));
    expect(names).toEqual([...new Set(names)]);
  }
});

describe.each(SENT.map((command) => [command.name, command] as const))('%s', (_, command) => {
  test('is there in servers, in direct messages and for those who installed it for themselves', () => {
    expect(command.integration_types).toEqual([
      ApplicationIntegrationType.GuildInstall,
      ApplicationIntegrationType.UserInstall,
    ]);
    expect(command.contexts).toEqual([
      InteractionContextType.Guild,
      InteractionContextType.BotDM,
      InteractionContextType.PrivateChannel,
    ]);
  });

  test('has a name in each language that Discord shows ours in', () => {
    const locales = Object.keys(command.name_localizations ?? {});
    expect(locales.sort()).toEqual(['de', 'es-419', 'es-ES', 'fr', 'ja', 'zh-CN']);
    const languages = new Set(['en', ...locales.map((locale) => locale.slice(0, 2))]);
    expect([...languages].sort()).toEqual(Object.keys(TRANSLATIONS).sort());
    expect(locales.filter((locale) => !Object.values<string>(DiscordLocale).includes(locale))).toEqual([]);
  });
});

describe.each(MENU_ENTRIES.map((entry) => [entry.name, entry] as const))('the menu entry %s', (_, entry) => {
  test('has names of 1 to 32 characters, and neither description nor options', () => {
    for (const name of namesOf(entry)) {
      expect(name.trim()).toBe(name);
      expect(name.length).toBeGreaterThan(0);
      expect(name.length).toBeLessThanOrEqual(32);
    }
    expect(entry).not.toHaveProperty('description');
    expect(entry).not.toHaveProperty('options');
  });
});

describe.each(SLASH_COMMANDS.map((command) => [command.name, command] as const))('/%s', (_, command) => {
  const { options = [] } = command;

  test('has names that Discord takes, in each language', () => {
    for (const name of [command, ...options].flatMap(namesOf)) {
      expect(name).toMatch(NAME);
      expect(name.toLowerCase()).toBe(name);
    }
  });

  test('has descriptions of 1 to 100 characters, in the languages of its names', () => {
    for (const described of [command, ...options]) {
      expect(Object.keys(described.description_localizations ?? {})).toEqual(
        Object.keys(described.name_localizations ?? {}),
      );
      for (const description of descriptionsOf(described)) {
        expect(description.length).toBeGreaterThan(0);
        expect(description.length).toBeLessThanOrEqual(100);
      }
    }
  });

  test('has at most 25 options, no two with the same name in any language, the required ones first', () => {
    expect(options.length).toBeLessThanOrEqual(25);
    for (const locale of Object.values(DiscordLocale)) {
      const names = options.map((option) => nameIn(locale, option));
      expect(names).toEqual([...new Set(names)]);
    }
    const required = options.map((option) => option.required === true);
    expect(required).toEqual([...required].sort((a, b) => Number(b) - Number(a)));
  });

  test('has at most 25 choices an option, of 1 to 100 characters, each once, and none beside completion', () => {
    for (const option of options) {
      const { choices = [] } = option;
      expect(choices.length).toBeLessThanOrEqual(25);
      expect(new Set(choices.map(({ value }) => value)).size).toBe(choices.length);
      for (const locale of Object.values(DiscordLocale)) {
        expect(new Set(choices.map((choice) => nameIn(locale, choice))).size).toBe(choices.length);
      }
      for (const name of choices.flatMap(namesOf)) {
        expect(name.length).toBeGreaterThan(0);
        expect(name.length).toBeLessThanOrEqual(100);
      }
      expect(choices.length > 0 && option.autocomplete === true).toBe(false);
    }
  });

  test('says how much may be typed, within what Discord takes', () => {
    for (const option of options) {
      if (option.type === ApplicationCommandOptionType.String && option.choices === undefined) {
        expect(option.max_length).toBeGreaterThan(0);
        expect(option.max_length).toBeLessThanOrEqual(6000);
      }
    }
  });

  test('has at most 8000 characters, each text counted in the language where it is longest', () => {
    const texts = [command, ...options].map(
      (described) => longest(namesOf(described)) + longest(descriptionsOf(described)),
    );
    const choices = options
      .flatMap(({ choices = [] }) => choices)
      .map((choice) => longest(namesOf(choice)) + choice.value.length);
    expect([...texts, ...choices].reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(8000);
  });
});

describe.each(PICTURE_SLASH_COMMANDS.map((command) => [command.name, command] as const))(
  '/%s, about a picture',
  (_, command) => {
    test('asks for the picture first, as a file that Discord takes for a picture', () => {
      expect(command.options?.[0]).toMatchObject({
        name: 'image',
        type: ApplicationCommandOptionType.Attachment,
        required: true,
        file_types: ['image'],
      });
    });

    test('can be answered in private, which nobody has to say', () => {
      const option = optionOf(command, 'private');
      expect(option).toMatchObject({ type: ApplicationCommandOptionType.Boolean });
      expect(option?.required ?? false).toBe(false);
    });

    test('is there for every member', () => {
      expect(command.default_member_permissions ?? null).toBeNull();
    });
  },
);

test.each([
  ['describe', ['image', 'detail', 'language', 'private']],
  ['ocr', ['image', 'private']],
  ['ask', ['image', 'question', 'language', 'private']],
  ['detect', ['image', 'objects', 'private']],
  ['segment', ['image', 'objects', 'private']],
  ['status', []],
])('/%s asks for %j', (name, options) => {
  expect((slashCommand(name).options ?? []).map((option) => option.name)).toEqual(options);
});

test('a language is completed while it is typed', () => {
  for (const name of ['describe', 'ask']) {
    expect(optionOf(slashCommand(name), 'language')).toMatchObject({
      type: ApplicationCommandOptionType.String,
      autocomplete: true,
    });
  }
});

test('the length of a description is chosen by values that the task knows', () => {
  const values = optionOf(slashCommand('describe'), 'detail')?.choices?.map(({ value }) => value);
  expect(values).toEqual(['short', 'long']);
});

test('Discord shows /status to administrators alone', () => {
  expect(slashCommand('status').default_member_permissions).toBe('0');
});

test('an entry in the menu of a message asks for the words that its task needs', () => {
  const forms = Object.values(PICTURE_COMMANDS).map(({ kind, menu, form }) => [kind, menu?.name, form]);
  expect(forms).toEqual([
    ['describe', 'Describe picture', undefined],
    ['ocr', 'Read text', undefined],
    ['ask', 'Ask about picture', 'question'],
    ['detect', 'Find objects', 'objects'],
    ['segment', undefined, 'objects'],
  ]);
});
