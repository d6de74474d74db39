import { parse } from 'dotenv';
import { lstatSync, readFileSync } from 'node:fs';
import { UserError } from './errors.js';
import { explainReadError, isMissing } from './file-errors.js';
import { unknownSetting } from './setting-names.js';

/** One setting in a line: a name, and a value that may stand in quotation marks. */
const SETTING = /^(?:export\s+)?([A-Za-z_]\w*)(?:\s*=|:\s)\s*(.*)$/;
const QUOTED = /^(["'`])(?:\\.|(?!\1).)*\1\s*(?:#.*)?$/;

/**
 * The settings in a `.env`; none where there is no such file. What can't be understood is refused, and not passed over:
 * a list of who may use the bot could stand in it.
 *
 * @param known the names of all settings that there are
 * @throws {UserError} one line per mistake
 */
export function readSettingsFile(known: readonly string[], path = '.env'): Record<string, string> {
  const bytes = bytesOf(path);
  const settings = bytes === undefined ? {} : settingsIn(textOf(bytes, path), path);
  const unknown = Object.keys(settings).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new UserError(unknown.map((name) => unknownSetting(name, path, known)).join('\n'));
  }
  return settings;
}

function bytesOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (!isMissing(error)) {
      throw explainReadError(error, `The file ${path}`);
    }
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
      throw new UserError(`The file ${path} is a link to a file that is not there.`, { cause: error });
    }
    return undefined;
  }
}

/** Windows PowerShell writes UTF-16, and its editor a mark before UTF-8. */
function textOf(bytes: Buffer, path: string): string {
  const text = decoded(bytes);
  // So UTF-16 looks that lacks its mark.
  if (text === undefined || text.includes('\0')) {
    throw new UserError(`The file ${path} is not text in UTF-8, but maybe in UTF-16: save it as UTF-8.`);
  }
  return text;
}

/** Undefined where the bytes are no text of the encoding that their mark names, or of UTF-8. */
function decoded(bytes: Buffer): string | undefined {
  const mark = bytes.toString('latin1', 0, 2);
  try {
    switch (mark) {
      case '\xff\xfe':
        return new TextDecoder('utf-16le', { fatal: true }).decode(bytes);
      case '\xfe\xff':
        return new TextDecoder('utf-16le', { fatal: true }).decode(Buffer.from(bytes).swap16());
      default:
        return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    }
  } catch {
    return undefined;
  }
}

function settingsIn(text: string, path: string): Record<string, string> {
  const settings: Record<string, string> = {};
  const firstLines = new Map<string, number>();
  const mistakes: string[] = [];
  text.split(/\r\n?|\n/).forEach((whole, index) => {
    const line = whole.trim();
    if (line === '' || line.startsWith('#')) {
      return;
    }
    const number = index + 1;
    const [, name = '', value = ''] = SETTING.exec(line) ?? [];
    if (name === '') {
      // Without its words, which may be a token.
      mistakes.push(`Line ${number} of ${path} is no setting: write NAME=value, or # before a comment.`);
    } else if (/^["'`]/.test(value) && !QUOTED.test(value)) {
      mistakes.push(
        `Line ${number} of ${path}: the quotation mark before the value of ${name} has none behind it.`,
      );
    } else if (!/^["'`]/.test(value) && /\S#/.test(value)) {
      mistakes.push(
        `Line ${number} of ${path}: write a space before a comment, or quotation marks around the value of ${name}.`,
      );
    } else if (firstLines.has(name)) {
      mistakes.push(`${name} is in ${path} twice, in lines ${firstLines.get(name) ?? ''} and ${number}.`);
    } else {
      firstLines.set(name, number);
      // Line by line: its parser lets a value reach over several.
      Object.assign(settings, parse(line));
    }
  });
  if (mistakes.length > 0) {
    throw new UserError(mistakes.join('\n'));
  }
  return settings;
}
