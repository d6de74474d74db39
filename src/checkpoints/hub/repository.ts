import { listFiles, modelInfo } from '@huggingface/hub';
import { UserError } from '../../errors.js';
import { readBody } from './body.js';
import type { Hub } from './hub.js';
import { PassingError, persistently } from './passing-error.js';
import { request, type RequestOptions } from './request.js';
import { UnknownHostError } from './unreachable.js';

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
/** What git lets a branch or a tag be called, as far as anybody does. */
const WISH = /^(?!.*(?:\.\.|\/\/|\/$))\w[\w./+-]{0,199}$/;
/** Slashes part folders; nothing climbs out of one, is absolute, or has bytes that no file system takes. */
const SAFE_PATH = /^(?!\/)(?!.*(?:^|\/)\.{1,2}(?:\/|$))[^\\:\0]+$/;

/**
 * What a repository holds.
 *
 * @param wish a branch, a tag or a commit; left out: what it holds now
 * @throws {UserError} there is none of this name, it may not be read, or the hub can't be reached
 */
export async function readRepository(
  hub: Hub,
  name: string,
  signal?: AbortSignal,
  wish?: string,
): Promise<Repository> {
  if (!NAME.test(name)) {
    throw new UserError(`${name} is no repository's name; one looks like google/paligemma2-3b-mix-448.`);
  }
  if (wish !== undefined && !WISH.test(wish)) {
    throw new UserError(`${wish} is no name of a branch, a tag or a commit.`);
  }
  const credentials = {
    hubUrl: hub.endpoint,
    fetch: (address: string | URL | Request) =>
      listing(hub, address instanceof Request ? address.url : address.toString(), {
        repository: name,
        revision: wish,
        signal,
      }),
  };
  return persistently(
    () =>
      understood(hub, async () => {
        const { sha: revision } = await modelInfo({
          name,
          additionalFields: ['sha'],
          ...(wish === undefined ? {} : { revision: wish }),
          ...credentials,
        });
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

/** What the hub says of a repository: as long as it comes, it may be slow. */
async function listing(hub: Hub, address: string, options: RequestOptions): Promise<Response> {
  const response = await request(hub, address, options);
  const parts: Uint8Array[] = [];
  await readBody(response, hub.patience, (bytes) => {
    parts.push(bytes);
    return Promise.resolve();
  });
  return new Response(Buffer.concat(parts), { headers: response.headers });
}

/** An answer that is cut off or garbled may be whole the next time. */
async function understood<Result>(hub: Hub, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    // Nothing has come yet that would be lost, and a slip in the address is likelier than an outage.
    if (error instanceof UnknownHostError) {
      throw new UserError(error.message, { cause: error });
    }
    if (error instanceof UserError || error instanceof PassingError) {
      throw error;
    }
    throw new PassingError(`${hub.endpoint} gives an answer that can't be understood.`, 0, { cause: error });
  }
}
