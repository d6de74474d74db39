import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEMO_MODEL } from '../config.js';
import { UserError } from '../errors.js';

/** Where `npm run build` puts the page, for this file in `src/` and in `dist/`. */
export const BUILT_PAGE = fileURLToPath(new URL('../../dist/playground/page', import.meta.url));
const SAMPLES = join(DEMO_MODEL, 'samples');

const MEDIA_TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  json: 'application/json',
  jpg: 'image/jpeg',
} as const;

/** A file of the page. */
export interface PageFile {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  /** Changes with what is in it. */
  readonly etag: string;
}

/**
 * The page, and the sample pictures that it offers, by their paths; nothing else of the disk is served.
 *
 * @throws {UserError} the page has not been built
 */
export async function readPageFiles(folder = BUILT_PAGE): Promise<ReadonlyMap<string, PageFile>> {
  const samples = JSON.parse(await readFile(join(SAMPLES, 'samples.json'), 'utf8')) as { file: string }[];
  const paths: [string, string][] = [
    ['/', join(folder, 'index.html')],
    ...['page.js', 'page.css', 'icon.svg'].map((name): [string, string] => [`/${name}`, join(folder, name)]),
    ['/samples.json', join(SAMPLES, 'samples.json')],
    ...samples.map(({ file }): [string, string] => [`/samples/${file}`, join(SAMPLES, basename(file))]),
  ];
  try {
    return new Map(await Promise.all(paths.map(async ([path, file]) => [path, await read(file)] as const)));
  } catch (error) {
    throw new UserError("The playground's page is not there; npm run build makes it.", { cause: error });
  }
}

async function read(file: string): Promise<PageFile> {
  const bytes = await readFile(file);
  const ending = file.slice(file.lastIndexOf('.') + 1) as keyof typeof MEDIA_TYPES;
  const digest = createHash('sha256').update(bytes).digest('base64url');
  return { mediaType: MEDIA_TYPES[ending], bytes, etag: `"${digest}"` };
}
