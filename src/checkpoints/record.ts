import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** The file in a model's folder that says where it is from. */
const RECORD = 'glimpse.json';

const schema = z.object({
  /** `owner/name` on the hub. */
  repository: z.string(),
  /** The commit that the files are from. */
  revision: z.string(),
  /** When, as ISO 8601. */
  pulled: z.string(),
  /** What was downloaded for it: paths, bytes, and SHA-256 or git's SHA-1 of each file. */
  files: z.array(z.object({ path: z.string(), size: z.number(), digest: z.string() })),
  /** The commit that each dtype's graphs are from; the other fields are those of the last that was pulled. */
  dtypes: z.record(z.string(), z.object({ revision: z.string(), pulled: z.string() })).default({}),
});

/** Where a model in a folder is from. */
export type ModelRecord = z.infer<typeof schema>;

/** Undefined for a folder that was not pulled, but converted or put there by hand. */
export async function readRecord(folder: string): Promise<ModelRecord | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(join(folder, RECORD), 'utf8')));
  } catch {
    return undefined;
  }
}

export async function writeRecord(folder: string, record: ModelRecord): Promise<void> {
  await writeFile(join(folder, RECORD), `${JSON.stringify(record, undefined, 2)}\n`);
}
