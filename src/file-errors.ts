import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { UserError } from './errors.js';

/** What was to be done with a file or a folder. */
type Action = 'read' | 'write';

/** What ends a sentence such as "out.png could not be written: ...", in words that tell the owner what to mend. */
const REASONS: Readonly<Record<string, string | Readonly<Record<Action, string>> | undefined>> = {
  ENOENT: { read: 'there is no such file or folder', write: 'the folder for it is not there' },
  ENOTDIR: { read: 'a part of its path is a file', write: 'it is not a folder' },
  EEXIST: 'it is not a folder',
  ENOTEMPTY: 'another program puts files into it',
  EISDIR: 'it is a folder',
  EACCES: { read: 'the user that Glimpse runs as may not read it', write: 'it may not be written to' },
  EPERM: { read: 'the user that Glimpse runs as may not read it', write: 'it may not be written to' },
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the disk, or a limit of this user, does not allow a file as large as that',
  EIO: 'the disk fails to read or write it; its system log may tell why',
  EREMOTEIO: 'the disk fails to read or write it; its system log may tell why',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  EILSEQ: 'the disk does not take such a name',
  EINVAL: 'the disk does not take such a name or such a request',
  EMFILE: 'this process has too many files open; "ulimit -n" raises the limit',
  ENFILE: 'the system has too many files open',
  ENOMEM: 'the system has no memory left for it',
  EBUSY: 'another program or the system is using it',
  EAGAIN: 'another program has locked it',
  EDEADLK: 'another program has locked it',
  ENOLCK: 'the disk can lock no more files',
  ETXTBSY: 'it is a program that is running',
  ESTALE: 'the network disk has lost it; mount that disk again',
  ENOTCONN: 'the network disk is no longer connected; mount it again',
  ETIMEDOUT: 'the network disk does not answer',
  EHOSTDOWN: 'the network disk does not answer',
  ENODEV: 'its disk is not there',
  ENXIO: 'its disk is not there',
  EXDEV: 'it would have to be moved to another disk',
  EMLINK: 'the disk allows no more links or folders there',
  ENOTSUP: 'the disk can not do that',
  EOPNOTSUPP: 'the disk can not do that',
  ENOSYS: 'the disk can not do that',
};

const FORBIDDEN = new Set(['EACCES', 'EPERM']);
/** What the system is asked for that is no matter of files. */
const NOT_OF_FILES = /^(?:accept|bind|connect|get|kill|listen|query|recv|send|set|shutdown|spawn|uv_)/;
/** What a connection ends with, and a file only where its path is told. */
const OF_CONNECTIONS = /^(?:EPIPE|ECONN\w+|ENOTCONN|ESHUTDOWN|ETIMEDOUT|ENET\w+|EHOST\w+|EADDR\w+|EAI_\w+)$/;
/** What only a file that is opened to be written can be refused for. */
const OF_WRITING = new Set(['EROFS', 'ENOSPC', 'EDQUOT', 'ETXTBSY', 'EFBIG']);
const WRITING =
  /^(?:chmod|chown|copyfile|fchmod|fdatasync|fsync|ftruncate|futime|lchown|link|mk|rename|rm|symlink|unlink|utime|write)/;

/** An error of the system with a code such as `ENOSPC`. */
type SystemError = Error & { code: string; syscall?: string; errno?: number; path?: string; dest?: string };

/**
 * Why the system refused to do something with a file, as the end of a sentence; undefined for an error of anything else.
 * The one place for this: an error that the list does not know is told in the system's own words.
 */
export function fileReason(error: unknown, action: Action): string | undefined {
  if (!isFileError(error)) {
    return undefined;
  }
  const reason = REASONS[error.code];
  const told = typeof reason === 'string' ? reason : reason?.[action];
  return told ?? `the system says "${systemWords(error)}" (${error.code})`;
}

/** The error of a file or folder that could not be read as a sentence for its owner; other errors as they are. */
export function explainReadError(error: unknown, path: string): unknown {
  const reason = fileReason(error, 'read');
  if (reason === undefined) {
    return error;
  }
  return isFileError(error) && FORBIDDEN.has(error.code)
    ? new UserError(`${path} may not be read: give it to the user that Glimpse runs as.`, { cause: error })
    : new UserError(`${path} can't be read: ${reason}.`, { cause: error });
}

/**
 * The error of a file or folder that could not be written as a sentence for its owner; other errors as they are.
 *
 * @param failed what became of it
 */
export function explainWriteError(error: unknown, path: string, failed = 'could not be written'): unknown {
  const reason = fileReason(error, 'write');
  return reason === undefined ? error : new UserError(`${path} ${failed}: ${reason}.`, { cause: error });
}

/** The same for an error that nobody has explained, by what it says itself of the file and of what was to be done. */
export function explainFileError(error: unknown): unknown {
  if (!isFileError(error)) {
    return error;
  }
  const path = error.dest ?? error.path ?? 'A file';
  return WRITING.test(error.syscall ?? '') || OF_WRITING.has(error.code)
    ? explainWriteError(error, path)
    : explainReadError(error, path);
}

/** The file that an error is about, where it tells. */
export function pathOf(error: unknown): string | undefined {
  return isFileError(error) ? (error.dest ?? error.path) : undefined;
}

/** Whether an error says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return isFileError(error) && ['ENOENT', 'ENOTDIR'].includes(error.code);
}

/**
 * Makes a folder and those above it; one that is there already is left as it is. Node's own recursive way says of a
 * read-only disk that something is not there.
 *
 * @param mode the permissions of what is made
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  const missing: string[] = [];
  for (let at = resolve(path); !(await isThere(at)) && at !== missing.at(0); at = dirname(at)) {
    missing.unshift(at);
  }
  for (const folder of missing.length > 0 ? missing : [path]) {
    try {
      await mkdir(folder, mode);
    } catch (error) {
      // Another process may have made it meanwhile.
      const isFolder = await stat(folder).then(
        (found) => found.isDirectory(),
        () => false,
      );
      if (!isFolder) {
        throw error;
      }
    }
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function isFileError(error: unknown): error is SystemError {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') {
    return false;
  }
  const ofConnection = OF_CONNECTIONS.test(error.code) && !('path' in error);
  return 'syscall' in error && typeof error.syscall === 'string'
    ? !NOT_OF_FILES.test(error.syscall) && !ofConnection
    : error.code in REASONS && !ofConnection;
}

function systemWords({ errno, code, message }: SystemError): string {
  const [, words] = (errno === undefined ? undefined : getSystemErrorMap().get(errno)) ?? [];
  return words ?? message.replace(`${code}: `, '').split(',')[0];
}
