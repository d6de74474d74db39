import { z } from 'zod';
import { UserError } from '../errors.js';

/** What PEFT calls the file that says what an adapter is of. */
export const ADAPTER_CONFIG = 'adapter_config.json';

const adapterSchema = z.object({
  peft_type: z.string().optional(),
  /** A repository's name, or a folder on the machine that it was trained on. */
  base_model_name_or_path: z
    .string()
    .regex(/^[\w./~\\: -]{1,200}$/)
    .nullish()
    .catch(undefined),
});

/** Whether these files, at a repository's or a folder's top, are an adapter's and no whole model's. */
export function isAdapter(names: readonly string[]): boolean {
  return (
    names.some((name) => /^adapter_(?:config\.json$|model\b)/.test(name)) &&
    !names.some((name) => name.endsWith('.safetensors') && !name.startsWith('adapter_'))
  );
}

/** @param config the parsed `adapter_config.json`, if it can be had */
export function adapterRefusal(name: string, config: unknown): UserError {
  const { data } = adapterSchema.safeParse(config);
  const kind = data?.peft_type === undefined || data.peft_type === 'LORA' ? 'a LoRA adapter' : 'an adapter';
  const base = data?.base_model_name_or_path ?? 'another model';
  return new UserError(
    `${name} is ${kind} of ${base}, not a whole model: merge the two with merge_and_unload of PEFT, ` +
      'and take what comes out.',
  );
}
