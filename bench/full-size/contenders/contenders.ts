import { fileURLToPath } from 'node:url';
import { runForJson, runScript } from '../child-process.js';
import type { Dtype, Provider } from '../../../src/task.js';
import type { ModelFolders } from '../models.js';
import { QUESTION, type ContenderFigures } from './figures.js';

const PICTURE = fileURLToPath(new URL('../../../models/demo/samples/cake-sign.jpg', import.meta.url));

/** Lets a contender answer once with so many tokens, in a process of its own. */
export type Contender = (tokens: number) => Promise<ContenderFigures>;

/** All contenders that can be asked. */
export function contenders(folders: ModelFolders): {
  readonly glimpse: Contender;
  readonly glimpseOn: (provider: Provider, dtype?: Dtype) => Contender;
  /** transformers.js on a folder of ONNX graphs. */
  readonly transformersJs: (from: string) => Contender;
  /** transformers in Python, on the checkpoint. */
  readonly transformers: (
    python: string,
    dtype: 'float32' | 'bfloat16',
    device?: 'cpu' | 'cuda',
  ) => Contender;
} {
  const glimpseOn =
    (provider: Provider, dtype: Dtype = 'q4'): Contender =>
    (tokens) =>
      runScript('./contenders/glimpse.ts', [folders.ours, PICTURE, String(tokens), dtype, provider]);
  return {
    glimpse: glimpseOn('cpu'),
    glimpseOn,
    transformersJs: (from) => (tokens) =>
      runScript('./contenders/transformers-js.ts', [from, PICTURE, String(tokens)]),
    transformers:
      (python, dtype, device = 'cpu') =>
      (tokens) => {
        const script = fileURLToPath(new URL('python_transformers.py', import.meta.url));
        const { checkpoint } = folders;
        return runForJson(python, [script, checkpoint, PICTURE, String(tokens), dtype, device, QUESTION]);
      },
  };
}
