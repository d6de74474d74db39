import { ADAPTER_CONFIG, adapterRefusal, isAdapter } from '../adapter.js';
import { fetchStart } from '../hub/file-start.js';
import type { Repository } from '../hub/repository.js';
import type { PullOptions } from './pull.js';

/** An adapter's own settings are a few kilobytes. */
const LONGEST = 1 << 20;

/** @throws {UserError} the repository holds an adapter, and no model that it could be used with */
export async function requireNoAdapter(repository: Repository, { hub, signal }: PullOptions): Promise<void> {
  const paths = repository.files.map(({ path }) => path);
  if (
    paths.some((path) => path.startsWith('onnx/')) ||
    !isAdapter(paths.filter((path) => !path.includes('/')))
  ) {
    return;
  }
  const file = repository.files.find(({ path }) => path === ADAPTER_CONFIG);
  const bytes =
    file === undefined ? Buffer.from('{}') : await fetchStart(hub, repository, file, LONGEST, signal);
  throw adapterRefusal(repository.name, parsedOrNothing(new TextDecoder().decode(bytes)));
}

function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
