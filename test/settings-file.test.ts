import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../src/errors.js';
import { readSettingsFile } from '../src/settings-file.js';
import { temporaryFolder } from './support/temporary-folder.js';

const TEXT = 'DENIED_MEMBERS=81384788765712384\r\nSTORE=données\r\n';
const SETTINGS = { DENIED_MEMBERS: '81384788765712384', STORE: 'données' };
const KNOWN = ['DENIED_MEMBERS', 'HF_TOKEN', 'MODEL', 'PLAYGROUND_TOKEN', 'STORE'];

let path: string;

beforeEach(async () => {
  path = join(await temporaryFolder(), '.env');
});

/** What is read from a file, or the sentence that refuses it. */
async function read(content: string | Uint8Array): Promise<unknown> {
  await writeFile(path, content);
  try {
    return readSettingsFile(KNOWN, path);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).message.replaceAll(path, '.env');
  }
}

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

describe('settings are read in each encoding that an editor writes', () => {
  test.each<[string, string | Buffer]>([
    ['UTF-8', TEXT],
    ['UTF-8 with a mark', `\ufeff${TEXT}`],
    ['UTF-16, as Windows PowerShell writes it', utf16(`\ufeff${TEXT}`)],
    ['UTF-16 with the high byte first', utf16(`\ufeff${TEXT}`).swap16()],
  ])('%s', async (_name, content) => {
    expect(await read(content)).toStrictEqual(SETTINGS);
  });

  test.each<[string, Buffer]>([
    ['UTF-16 without a mark', utf16(TEXT)],
    ['UTF-32', Buffer.concat([utf16('\ufeff\0'), utf16('A\0=\0')])],
    ['Latin-1', Buffer.from(TEXT, 'latin1')],
    ['half a character of UTF-16', utf16(`\ufeff${TEXT}`).subarray(0, -1)],
    ['the same with the high byte first', utf16(`\ufeff${TEXT}`).swap16().subarray(0, -1)],
    ['a NUL in the middle', Buffer.from('STORE=da\0ta\n')],
  ])('%s is refused in a sentence', async (_name, content) => {
    expect(await read(content)).toBe(
      'The file .env is not text in UTF-8, but maybe in UTF-16: save it as UTF-8.',
    );
  });
});

test('comments, empty lines, quotation marks and old line ends are read', async () => {
  const text = [
    '# who may not',
    '',
    'export DENIED_MEMBERS = 1, 2 # both',
    `MODEL='C:\\new' # not "C:\\new"`,
    'STORE: data',
    'PLAYGROUND_TOKEN="with # inside"',
  ].join('\r');
  expect(await read(text)).toStrictEqual({
    DENIED_MEMBERS: '1, 2',
    MODEL: 'C:\\new',
    STORE: 'data',
    PLAYGROUND_TOKEN: 'with # inside',
  });
});

test.each([
  [
    'no sign between name and value',
    'STORE data',
    'Line 1 of .env is no setting: write NAME=value, or # before a comment.',
  ],
  ['a command of another shell', '$env:STORE="data"', /^Line 1 of .env is no setting/],
  ['a comment of another language', '\n// mine', /^Line 2 of .env is no setting/],
  ['a character that nobody sees', '\u200bSTORE=data', /^Line 1 of .env is no setting/],
  ['a name in other letters', 'ЅTORE=data', /^Line 1 of .env is no setting/],
  [
    'a value that ends in another line',
    'STORE="data\nDENIED_MEMBERS=1"',
    /^Line 1 of .env: the quotation mark before the value of STORE/,
  ],
  ['more behind the quotation mark', 'STORE="a" b', /^Line 1 of .env: the quotation mark/],
  [
    'a value that would be cut',
    'PLAYGROUND_TOKEN=abc#def',
    /^Line 1 of .env: write a space before a comment/,
  ],
  [
    'a list that stands there twice',
    'DENIED_MEMBERS=1\nSTORE=a\nDENIED_MEMBERS=2',
    'DENIED_MEMBERS is in .env twice, in lines 1 and 3.',
  ],
])('%s is refused with its line', async (_name, content, sentence) => {
  expect(await read(content)).toMatch(sentence);
});

test('each line that is wrong is told, and no word of it, which may be a token', async () => {
  const said = await read('bm90LmEudG9rZW4\nSTORE=data\nHF_TOKEN hf_secret');
  expect(String(said).split('\n')).toHaveLength(2);
  expect(said).not.toMatch(/bm90|secret/);
});

test('no file is no setting; a folder, and a link that leads nowhere, are told', async () => {
  expect(readSettingsFile(KNOWN, path)).toStrictEqual({});
  await symlink(`${path}-that-is-not-there`, path);
  expect(() => readSettingsFile(KNOWN, path)).toThrow(/is a link to a file that is not there/);
  const folder = join(await temporaryFolder(), '.env');
  await mkdir(folder);
  expect(() => readSettingsFile(KNOWN, folder)).toThrow(/can't be read: it is a folder/);
});

test('a name that is no setting is refused, with the one that is meant where one is near', async () => {
  expect(await read('DENIED_MEMBER=1\nSTORE=data\nTZ=UTC\nHF_TOKEN_=\n')).toBe(
    [
      'DENIED_MEMBER in .env is no setting of Glimpse. Did you mean DENIED_MEMBERS?',
      'TZ in .env is no setting of Glimpse. The file .env.example lists all settings.',
      'HF_TOKEN_ in .env is no setting of Glimpse. Did you mean HF_TOKEN?',
    ].join('\n'),
  );
});
