import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseConfig } from './config.js';
import { exists } from './files.js';

/**
 * Whether what is made of a checkpoint can be added to a folder: graphs of one model must not come to lie beside the
 * settings of another.
 */
export async function fitsInto(from: string, to: string): Promise<boolean> {
  const existing = join(to, 'config.json');
  return (
    !(await exists(existing)) ||
    isSameModel(await readFile(existing, 'utf8'), await readFile(join(from, 'config.json'), 'utf8'))
  );
}

/**
 * Whether two checkpoints' graphs can lie in one folder, as their `config.json` has it: the same shapes, however the
 * files are written and whatever else they tell.
 *
 * @param one, other the texts of the two files
 */
export function isSameModel(one: string, other: string): boolean {
  return one === other || isDeepStrictEqual(understood(one), understood(other));
}

function understood(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    try {
      return parseConfig(json);
    } catch {
      // A ready-made export may be of another kind than our converter knows.
      return json;
    }
  } catch {
    return text;
  }
}
