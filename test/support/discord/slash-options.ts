import { Attachment } from './attachment.js';
import { isOfFileTypes } from './files.js';
import { objectsIn, textOf, type Json } from './json.js';

/** What a member puts into the options of a slash command. */
export type OptionValue = string | number | boolean | Attachment;
export type OptionValues = Readonly<Record<string, OptionValue | undefined>>;

const TYPE = {
  subcommand: 1,
  group: 2,
  text: 3,
  whole: 4,
  truth: 5,
  user: 6,
  channel: 7,
  role: 8,
  mentionable: 9,
  number: 10,
  attachment: 11,
} as const;

interface Invocation {
  readonly options: Json[];
  readonly resolved: Json;
  /** Discord's number of the focused option's type. */
  readonly focusedType: number;
}

/**
 * The options of a command as Discord sends them.
 *
 * @param definition the command as the bot registered it
 * @param subcommands names of a subcommand group and a subcommand, as far as there are such
 * @param focused the option that is being typed, which makes the others ones that may be missing
 * @throws {Error} Discord's client would not let a member send this
 */
export function invoke(
  definition: Json,
  subcommands: readonly string[],
  values: OptionValues,
  focused?: string,
): Invocation {
  const next = subcommands.at(0);
  const rest = subcommands.slice(1);
  const known = objectsIn(definition.options);
  if (next !== undefined) {
    const inner = known.find(({ name, type }) => name === next && Number(type) <= TYPE.group);
    if (inner === undefined) {
      throw new Error(`/${textOf(definition.name)} has no subcommand ${next}.`);
    }
    const { options, resolved, focusedType } = invoke(inner, rest, values, focused);
    return { options: [{ name: next, type: inner.type, options }], resolved, focusedType };
  }
  const where = `/${textOf(definition.name)}`;
  const names = new Set(known.map(({ name }) => name));
  const unknown = Object.keys(values).find((name) => !names.has(name));
  if (unknown !== undefined) {
    throw new Error(`${where} has no option ${unknown}.`);
  }
  const attachments: Record<string, Json> = {};
  const options: Json[] = [];
  let focusedType = 0;
  for (const option of known) {
    const name = textOf(option.name);
    const value = values[name];
    const isFocused = name === focused;
    if (isFocused) {
      focusedType = Number(option.type);
      if (option.autocomplete !== true) {
        throw new Error(`The option ${name} of ${where} has no autocompletion.`);
      }
    }
    if (value === undefined) {
      if (option.required === true && focused === undefined) {
        throw new Error(`${where} needs the option ${name}.`);
      }
      continue;
    }
    if (!isFocused) {
      refuseValue(`the option ${name} of ${where}`, option, value);
    }
    if (value instanceof Attachment) {
      attachments[value.id] = { ...value.toJson(), ephemeral: true };
    }
    options.push({
      name,
      type: option.type,
      value: value instanceof Attachment ? value.id : value,
      ...(isFocused ? { focused: true } : {}),
    });
  }
  if (focused !== undefined && focusedType === 0) {
    throw new Error(`${where} has no option ${focused}.`);
  }
  const hasFiles = Object.keys(attachments).length > 0;
  return { options, resolved: hasFiles ? { attachments } : {}, focusedType };
}

function refuseValue(what: string, option: Json, value: OptionValue): void {
  switch (option.type) {
    case TYPE.text:
      refuseText(what, option, value);
      break;
    case TYPE.whole:
    case TYPE.number:
      refuseNumber(what, option, value);
      break;
    case TYPE.truth:
      expectType(what, value, 'boolean');
      break;
    case TYPE.attachment:
      refuseFile(what, option, value);
      break;
    default:
      expectType(what, value, 'string');
  }
}

function refuseText(what: string, option: Json, value: OptionValue): void {
  expectType(what, value, 'string');
  const text = textOf(value);
  const { min_length: min = 0, max_length: max = 6000 } = option as {
    min_length?: number;
    max_length?: number;
  };
  if (text.length < min || text.length > max) {
    throw new Error(`For ${what} ${text.length} characters are not between ${min} and ${max}.`);
  }
  refuseUnlistedChoice(what, option, value);
}

function refuseNumber(what: string, option: Json, value: OptionValue): void {
  expectType(what, value, 'number');
  const { min_value: min = -(2 ** 53), max_value: max = 2 ** 53 } = option as {
    min_value?: number;
    max_value?: number;
  };
  const isWhole = option.type !== TYPE.whole || Number.isInteger(value);
  if (!isWhole || Number(value) < min || Number(value) > max) {
    throw new Error(`For ${what} ${Number(value)} is out of range.`);
  }
  refuseUnlistedChoice(what, option, value);
}

function refuseUnlistedChoice(what: string, option: Json, value: unknown): void {
  const choices = objectsIn(option.choices);
  if (choices.length > 0 && !choices.some((choice) => choice.value === value)) {
    throw new Error(`For ${what} ${String(value)} is none of the choices.`);
  }
}

function refuseFile(what: string, option: Json, value: OptionValue): void {
  if (!(value instanceof Attachment)) {
    throw new Error(`For ${what} a file is needed.`);
  }
  const types = option.file_types;
  if (Array.isArray(types) && types.length > 0 && !isOfFileTypes(value.name, types as string[])) {
    throw new Error(`For ${what} ${value.name} is not one of the file types ${types.join(', ')}.`);
  }
}

function expectType(what: string, value: unknown, type: string): void {
  if (typeof value !== type) {
    throw new Error(`For ${what} a ${type} is needed.`);
  }
}
