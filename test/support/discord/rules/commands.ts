import { isFileType } from '../files.js';
import { Form, type Path } from '../form.js';
import { isJson, numberOf, objectsIn, textOf, type Json } from '../json.js';
import { CODES, Refusal } from '../refusal.js';
import { checkChoice } from './autocomplete.js';
import { checkTranslations } from './translations.js';

const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const MOST_CHARACTERS = 8000;
const MOST_OPTIONS = 25;
/** By Discord's number of the type. */
const MOST_COMMANDS: Readonly<Record<number, number>> = { 1: 100, 2: 15, 3: 15, 4: 1 };

const SUBCOMMAND = 1;
const GROUP = 2;
const TEXT = 3;
const ATTACHMENT = 11;
const WITH_CHOICES = [3, 4, 10];

/** @throws {Refusal} Discord refuses one of the commands, or all of them together */
export function checkCommands(definitions: readonly unknown[], isOfServer: boolean): void {
  const form = new Form();
  definitions.forEach((definition, index) => {
    const command = form.record([index], definition, { required: true });
    if (command !== undefined) {
      checkOne(form, [index], command, isOfServer);
    }
  });
  form.finish();
  const keys = definitions.filter(isJson).map(({ type = 1, name }) => `${String(type)} ${textOf(name)}`);
  if (new Set(keys).size < keys.length) {
    throw new Refusal(400, CODES.duplicateCommand, 'An application command with that name already exists', {
      detail: keys.join(', '),
    });
  }
  for (const [type, most] of Object.entries(MOST_COMMANDS)) {
    if (keys.filter((key) => key.startsWith(`${type} `)).length > most) {
      throw new Refusal(
        400,
        CODES.tooManyCommands,
        `Maximum number of application commands reached (${most}).`,
        { detail: `type ${type}` },
      );
    }
  }
}

/** @throws {Refusal} Discord refuses the command */
export function checkCommand(definition: Json, isOfServer: boolean): void {
  const form = new Form();
  checkOne(form, [], definition, isOfServer);
  form.finish();
}

function checkOne(form: Form, path: Path, command: Json, isOfServer: boolean): void {
  const type = form.oneOf([...path, 'type'], command.type, isOfServer ? [1, 2, 3] : [1, 2, 3, 4]) ?? 1;
  const isSlash = type === 1;
  checkNames(form, path, command, isSlash);
  if (isSlash) {
    checkDescriptions(form, path, command);
    checkOptions(form, path, command, 0);
  } else {
    refuse(form, path, command, ['options', 'description_localizations'], 'for slash commands alone');
    if (textOf(command.description) !== '') {
      form.fail(
        [...path, 'description'],
        'APPLICATION_COMMAND_DESCRIPTION',
        'Context menu commands cannot have description',
      );
    }
  }
  if (isOfServer) {
    refuse(
      form,
      path,
      command,
      ['contexts', 'integration_types', 'dm_permission'],
      'for global commands alone',
    );
  }
  checkNumbers(form, [...path, 'contexts'], command.contexts, [0, 1, 2]);
  checkNumbers(form, [...path, 'integration_types'], command.integration_types, [0, 1]);
  form.truth([...path, 'nsfw'], command.nsfw);
  const permissions = form.text([...path, 'default_member_permissions'], command.default_member_permissions);
  if (permissions !== undefined && !/^\d+$/.test(permissions)) {
    form.fail(
      [...path, 'default_member_permissions'],
      'NUMBER_TYPE_COERCE',
      'This is no set of permissions.',
    );
  }
  const characters = longestTotal(command);
  if (characters > MOST_CHARACTERS) {
    form.fail(
      path,
      'APPLICATION_COMMAND_TOO_LARGE',
      `Command exceeds maximum size (${MOST_CHARACTERS}): ${characters}`,
    );
  }
}

function checkNumbers(form: Form, path: Path, value: unknown, allowed: readonly number[]): void {
  const numbers = form.list(path, value, { min: 1 });
  numbers.forEach((number, index) => {
    form.oneOf([...path, index], number, allowed, { required: true });
  });
  if (new Set(numbers).size < numbers.length) {
    form.fail(path, 'SET_TYPE_CONTAINS_DUPLICATES', 'This field must not contain duplicates.');
  }
}

function refuse(form: Form, path: Path, command: Json, fields: readonly string[], why: string): void {
  for (const field of fields.filter((name) => (command[name] ?? null) !== null)) {
    form.fail([...path, field], 'APPLICATION_COMMAND_FIELD_NOT_ALLOWED', `This field is ${why}.`);
  }
}

function checkNames(form: Form, path: Path, item: Json, isSlash: boolean): void {
  const check = (at: Path, value: unknown): void => {
    const name = form.text(at, value, { min: 1, max: 32, required: true });
    if (name !== undefined && isSlash && (!NAME.test(name) || name !== name.toLowerCase())) {
      form.fail(at, 'APPLICATION_COMMAND_INVALID_NAME', `Command name "${name}" is invalid`);
    }
  };
  check([...path, 'name'], item.name);
  checkTranslations(form, [...path, 'name_localizations'], item.name_localizations, check);
}

function checkDescriptions(form: Form, path: Path, item: Json): void {
  const check = (at: Path, value: unknown): void => {
    form.text(at, value, { min: 1, max: 100, required: true });
  };
  check([...path, 'description'], item.description);
  const field = 'description_localizations';
  checkTranslations(form, [...path, field], item[field], check);
}

function checkOptions(form: Form, path: Path, holder: Json, depth: number): void {
  const place = [...path, 'options'];
  let optionalSeen = false;
  const options = form.list(place, holder.options, { max: MOST_OPTIONS });
  options.forEach((entry, index) => {
    const at = [...place, index];
    const option = form.record(at, entry, { required: true });
    if (option === undefined) {
      return;
    }
    checkOption(form, at, option, depth);
    if (option.required === true && optionalSeen) {
      form.fail(
        at,
        'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
        'Required options must be placed before non-required options',
      );
    }
    optionalSeen ||= option.required !== true;
  });
  const all = objectsIn(options);
  if (new Set(all.map(({ name }) => name)).size < all.length) {
    form.fail(place, 'APPLICATION_COMMAND_OPTIONS_NAME_INVALID', 'Option names must be unique.');
  }
  const nested = all.filter((option) => numberOf(option.type) <= GROUP).length;
  if (nested > 0 && nested < all.length) {
    form.fail(
      place,
      'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID',
      'Sub-commands and options can not be mixed.',
    );
  }
}

function checkOption(form: Form, path: Path, option: Json, depth: number): void {
  const type = form.whole([...path, 'type'], option.type, { min: 1, max: 11, required: true });
  checkNames(form, path, option, true);
  checkDescriptions(form, path, option);
  form.truth([...path, 'required'], option.required);
  if (type === SUBCOMMAND || type === GROUP) {
    if (depth > 1 || (depth === 1 && type === GROUP)) {
      form.fail([...path, 'type'], 'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID', 'Nested too deep.');
    }
    checkOptions(form, path, option, depth + 1);
    return;
  }
  const choices = form.list([...path, 'choices'], option.choices, { max: MOST_OPTIONS });
  choices.forEach((choice, index) => {
    checkChoice(form, [...path, 'choices', index], isJson(choice) ? choice : {}, type ?? TEXT);
  });
  const autocomplete = form.truth([...path, 'autocomplete'], option.autocomplete);
  if (autocomplete && choices.length > 0) {
    form.fail(
      [...path, 'autocomplete'],
      'APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID',
      'An option with choices can not have autocomplete.',
    );
  }
  if ((autocomplete || choices.length > 0) && !WITH_CHOICES.includes(type ?? TEXT)) {
    form.fail(
      path,
      'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID',
      'This type has neither choices nor completion.',
    );
  }
  const min = form.whole([...path, 'min_length'], option.min_length, { min: 0, max: 6000 }) ?? 0;
  const max = form.whole([...path, 'max_length'], option.max_length, { min: 1, max: 6000 }) ?? 6000;
  if (min > max || (type !== TEXT && (option.min_length ?? option.max_length) !== undefined)) {
    form.fail([...path, 'max_length'], 'APPLICATION_COMMAND_OPTIONS_LENGTH_INVALID', 'Lengths do not fit.');
  }
  checkFileTypes(form, path, option, type);
}

function checkFileTypes(form: Form, path: Path, option: Json, type: number | undefined): void {
  const place = [...path, 'file_types'];
  const types = form.list(place, option.file_types, { max: 10 });
  if (types.length > 0 && type !== ATTACHMENT) {
    form.fail(place, 'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID', 'Only attachments have file types.');
  }
  types.forEach((fileType, index) => {
    if (!isFileType(fileType)) {
      form.fail([...place, index], 'BASE_TYPE_CHOICES', `${String(fileType)} is no file type.`);
    }
  });
}

/** Characters of names, descriptions and choices; of translations, Discord counts the longest. */
function longestTotal(item: Json): number {
  const longest = (holder: Json, field: string): number => {
    const translations = holder[`${field}_localizations`];
    const texts = [holder[field], ...Object.values(isJson(translations) ? translations : {})];
    return Math.max(...texts.map((text) => textOf(text).length));
  };
  const choices = objectsIn(item.choices).reduce(
    (sum, choice) => sum + longest(choice, 'name') + textOf(choice.value).length,
    0,
  );
  const options = objectsIn(item.options).reduce((sum, option) => sum + longestTotal(option), 0);
  return longest(item, 'name') + longest(item, 'description') + choices + options;
}
