import { chmod, mkdir, open, readFile, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';
import { UserError } from '../src/errors.js';
import {
  explainFileError,
  explainReadError,
  explainWriteError,
  fileReason,
  makeFolder,
} from '../src/file-errors.js';
import { asOrdinaryUser, hasPermissions } from './support/ordinary-user.js';
import { temporaryFolder } from './support/temporary-folder.js';

/** As Node makes them. */
function systemError(code: string, syscall: string, path?: string): Error {
  const numbers: Record<string, number | undefined> = constants.errno;
  const details = { code, syscall, errno: -(numbers[code] ?? 9999), ...(path === undefined ? {} : { path }) };
  return Object.assign(new Error(`${code}: something, ${syscall}`), details);
}

async function thrownBy(action: () => Promise<unknown>): Promise<unknown> {
  return action().then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('an error of the file system is told as what it is', () => {
  test.each([
    ['EROFS', 'the disk is read-only'],
    ['ENOSPC', 'the disk is full'],
    ['EDQUOT', 'the disk quota is used up'],
    ['EIO', 'the disk fails to read or write it; its system log may tell why'],
    ['ENOTDIR', 'it is not a folder'],
    ['EISDIR', 'it is a folder'],
    ['ELOOP', 'its links lead in a circle'],
    ['ENAMETOOLONG', 'its name is too long'],
    ['EMFILE', 'this process has too many files open; "ulimit -n" raises the limit'],
    ['EBUSY', 'another program or the system is using it'],
    ['ETXTBSY', 'it is a program that is running'],
    ['ESTALE', 'the network disk has lost it; mount that disk again'],
    ['EACCES', 'it may not be written to'],
    ['EPERM', 'it may not be written to'],
  ])('%s', (code, reason) => {
    const told = explainWriteError(systemError(code, 'open', '/there/out.png'), 'out.png');
    expect(told).toEqual(new UserError(`out.png could not be written: ${reason}.`));
  });

  test('also one of a network disk, whose code is otherwise that of a connection', () => {
    expect(fileReason(systemError('ENOTCONN', 'open', '/mnt/a'), 'read')).toMatch(/no longer connected/);
  });

  test('and one that nobody has thought of, in the words of the system', () => {
    expect(fileReason(systemError('EOVERFLOW', 'read'), 'read')).toBe(
      'the system says "value too large for defined data type" (EOVERFLOW)',
    );
    expect(fileReason(systemError('ENEW', 'open'), 'read')).toBe('the system says "something" (ENEW)');
  });

  test('every code that Node knows has a sentence of one line', () => {
    for (const code of Object.keys(constants.errno)) {
      const told = explainFileError(systemError(code, 'open', '/a/b'));
      expect(told, code).toBeInstanceOf(UserError);
      expect((told as UserError).message, code).toMatch(/^\/a\/b [^\n]+[^.]\.$/);
    }
  });
});

test('what is opened to be written is not said to be unreadable', () => {
  expect(explainFileError(systemError('EROFS', 'open', '/models/.lock'))).toEqual(
    new UserError('/models/.lock could not be written: the disk is read-only.'),
  );
});

test('errors of connections, programs and names, and faults of ours, are left as they are', async () => {
  const refused = await new Promise((resolve) => {
    connect({ host: '127.0.0.1', port: 1 }).once('error', resolve);
  });
  const others = [
    refused,
    systemError('ECONNRESET', 'read'),
    systemError('EPIPE', 'write'),
    systemError('ENOENT', 'spawn lspci', 'lspci'),
    systemError('ENOTFOUND', 'getaddrinfo'),
    new TypeError('undefined is not a function'),
    Object.assign(new Error('no package of that name'), { code: 'ERR_MODULE_NOT_FOUND' }),
  ];
  for (const error of others) {
    expect(explainFileError(error)).toBe(error);
    expect(explainReadError(error, 'a')).toBe(error);
  }
});

test('what the system really says of folders, circles and names that are too long is understood', async () => {
  const folder = await temporaryFolder();
  await symlink(join(folder, 'circle'), join(folder, 'circle'));
  await writeFile(join(folder, 'file'), '');
  const said = async (action: () => Promise<unknown>): Promise<string> => {
    const told = explainFileError(await thrownBy(action));
    return told instanceof UserError ? told.message.replaceAll(folder, '') : String(told);
  };
  expect(await said(() => readFile(folder))).toBe("A file can't be read: it is a folder.");
  expect(await said(() => readFile(join(folder, 'circle')))).toBe(
    "/circle can't be read: its links lead in a circle.",
  );
  expect(await said(() => open(join(folder, 'n'.repeat(300))))).toMatch(/its name is too long\.$/);
  expect(await said(() => mkdir(join(folder, 'file', 'below')))).toBe(
    '/file/below could not be written: it is not a folder.',
  );
  expect(await said(() => readFile(join(folder, 'none')))).toBe(
    "/none can't be read: there is no such file or folder.",
  );
});

describe('making a folder', () => {
  test('makes those above it, and leaves one that is there', async () => {
    const folder = join(await temporaryFolder(), 'a', 'b', 'c');
    await makeFolder(folder);
    await makeFolder(folder);
    await writeFile(join(folder, 'file'), '');
  });

  test('of a file, or below one, is refused', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    expect(await thrownBy(() => makeFolder(file))).toMatchObject({ code: 'EEXIST' });
    expect(await thrownBy(() => makeFolder(join(file, 'a', 'b')))).toMatchObject({ code: 'ENOTDIR' });
  });

  test('two at once make one', async () => {
    const folder = join(await temporaryFolder(), 'a', 'b', 'c');
    await Promise.all([makeFolder(folder), makeFolder(folder), makeFolder(join(folder, 'd'))]);
  });

  test.runIf(hasPermissions)('tells that it may not be made', async () => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o555);
    const error = await asOrdinaryUser(() => thrownBy(() => makeFolder(join(folder, 'a', 'b'))));
    expect(error).toMatchObject({ code: 'EACCES' });
  });
});
