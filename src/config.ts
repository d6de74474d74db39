import { config as readDotenv } from 'dotenv';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { UserError } from './errors.js';
import { DTYPES, PROVIDERS, type Dtype, type Provider } from './task.js';

/** The settings of an owner, from the environment and the file `.env`. */
export interface Config {
  /** The checkpoint folder, `MODEL`. */
  readonly model: string;
  /** `DTYPE`; undefined: the best one that the folder has. */
  readonly dtype: Dtype | undefined;
  /** `PROVIDER`. */
  readonly provider: Provider;
  /** `THREADS`, of the CPU provider; undefined: as many as ONNX Runtime chooses. */
  readonly threads: number | undefined;
}

/** The checkpoint that ships with Glimpse. */
export const DEMO_MODEL = fileURLToPath(new URL('../models/demo', import.meta.url));

const schema = z.object({
  MODEL: z.string().default(DEMO_MODEL),
  DTYPE: z.enum(DTYPES, `must be one of ${DTYPES.join(', ')}`).optional(),
  PROVIDER: z.enum(PROVIDERS, `must be one of ${PROVIDERS.join(', ')}`).default('cpu'),
  THREADS: z.coerce
    .number('must be a whole number from 1 to 256')
    .int('must be a whole number from 1 to 256')
    .min(1, 'must be a whole number from 1 to 256')
    .max(256, 'must be a whole number from 1 to 256')
    .optional(),
});

/**
 * The settings in force. A variable of the environment wins over the same one in `.env`; an empty one counts
 * as not set.
 *
 * @throws {UserError} one line per mistake
 */
export function readConfig(environment: NodeJS.ProcessEnv = readEnvironment()): Config {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = schema.safeParse(set);
  if (!result.success) {
    const mistakes = result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}.`);
    throw new UserError(mistakes.join('\n'));
  }
  const { MODEL, DTYPE, PROVIDER, THREADS } = result.data;
  return { model: MODEL, dtype: DTYPE, provider: PROVIDER, threads: THREADS };
}

function readEnvironment(): NodeJS.ProcessEnv {
  const fromFile: Record<string, string> = {};
  readDotenv({ processEnv: fromFile, quiet: true });
  return { ...fromFile, ...process.env };
}
