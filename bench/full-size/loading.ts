import { contenders } from './contenders/contenders.js';
import { forgetReadFiles, readOnce } from './files.js';
import type { ModelFolders } from './models.js';
import { ratioLine, seconds, type Line } from './table.js';

/** Loading beside reading: files that the system has forgotten, if that may be had, and files that it has in memory. */
export async function loading(folders: ModelFolders): Promise<Line[]> {
  const lines: Line[] = [];
  for (const [what, prepare] of [
    ['files not in memory', forgetReadFiles],
    ['files in memory', async () => (await readOnce(folders.ours)) > 0],
  ] as const) {
    if (!(await prepare())) {
      lines.push({ what: `loading ${what}`, measured: 'left out: needs root' });
      continue;
    }
    const read = await readOnce(folders.ours);
    await prepare();
    const { load } = await contenders(folders).glimpse(1);
    lines.push(
      { what: `reading ${what} once`, measured: seconds(read) },
      { what: `loading ${what}`, measured: seconds(load) },
      ratioLine(`loading / reading, ${what}`, load / read, { atMost: 1.5 }),
    );
  }
  return lines;
}
