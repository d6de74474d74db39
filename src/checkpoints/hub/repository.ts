import { listFiles, modelInfo } from '@huggingface/hub';
import { UserError } from '../../errors.js';
import type { Hub } from './hub.js';
import { PassingError, persistently } from './passing-error.js';
import { request } from './request.js';

/** A file of a repository, with what proves that it has come whole. */
export interface RepositoryFile {
  /** From the repository's top, with slashes. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly digest: Digest;
}

/** Large files are known by their SHA-256, small ones by what git calls them: the SHA-1 of a header and the bytes. */
export interface Digest {
  readonly kind: 'sha256' | 'git';
  readonly value: string;
}

/** One state of a repository. */
export interface Repository {
  /** `owner/name` */
  readonly name: string;
  /** The commit that all files are taken from. */
  readonly revision: string;
  readonly files: readonly RepositoryFile[];
}

const NAME = /^[\w-][\w.-]*\/[\w-][\w.-]*$/;
const REVISION = /^[0-9a-f]{40}$/;
/** Slashes part folders; nothing climbs out of one, is absolute, or has bytes that no file system takes. */
const SAFE_PATH = /^(?!\/)(?!.*(?:^|\/)\.{1,2}(?:\/|$))[^\\:\0]+$/;

/**
 * What a repository holds now.
 *
 * @throws {UserError} there is none of this name, it may not be read, or the hub can't be reached
 */
export async function readRepository(hub: Hub, name: string, signal?: AbortSignal): Promise<Repository> {
  if (!NAME.test(name)) {
    throw new UserError(`${name} is no repository's name; one looks like google/paligemma2-3b-mix-448.`);
  }
  const credentials = {
    hubUrl: hub.endpoint,
    fetch: (address: string | URL | Request) =>
      request(hub, address instanceof Request ? address.url : address.toString(), {
        repository: name,
        signal,
      }),
  };
  return persistently(
    () =>
      understood(hub, async () => {
        const { sha: revision } = await modelInfo({ name, additionalFields: ['sha'], ...credentials });
        if (!REVISION.test(revision)) {
          throw new TypeError('no commit');
        }
        const files: RepositoryFile[] = [];
        for await (const file of listFiles({ repo: name, revision, recursive: true, ...credentials })) {
          if (file.type === 'file' && SAFE_PATH.test(file.path)) {
            const { path, size, oid = '', lfs } = file;
            const digest: Digest =
              lfs === undefined ? { kind: 'git', value: oid } : { kind: 'sha256', value: lfs.oid };
            files.push({ path, size: lfs?.size ?? size, digest });
          }
        }
        return { name, revision, files };
      }),
    hub.patience,
    signal,
  );
}

/** Where one file of a repository's state is. */
export function addressOf(hub: Hub, { name, revision }: Repository, path: string): string {
  return `${hub.endpoint}/${name}/resolve/${revision}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** An answer that is cut off or garbled may be whole the next time. */
async function understood<Result>(hub: Hub, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UserError || error instanceof PassingError) {
      throw error;
    }
    throw new PassingError(`${hub.endpoint} gives an answer that can't be understood.`, 0, { cause: error });
  }
}
